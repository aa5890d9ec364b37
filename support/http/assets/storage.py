"""Static files under hashed names, so that browsers may keep them forever."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class HashedStaticFilesStorage(ManifestStaticFilesStorage):
    # ES modules import each other by path: those paths need the hash too. An import must end with `;`.
    support_js_module_import_aggregation = True
