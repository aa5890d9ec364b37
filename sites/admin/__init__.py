"""Sites in the admin."""

from sites.admin.lines import LineAdmin as LineAdmin
from sites.admin.page import SiteAdmin as SiteAdmin
