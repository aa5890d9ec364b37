"""Which kinds of files are taken, and by which endings. What a file is, its content says (desk/files/kinds.py)."""

PICTURES = {
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/webp": ("webp",),
    "image/gif": ("gif",),
}
TEXT = "text/plain"
OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN = "application/vnd.oasis.opendocument."
ENDINGS: dict[str, tuple[str, ...]] = {
    **PICTURES,
    "application/pdf": ("pdf",),
    TEXT: ("txt", "csv", "log", "md", "tsv"),
    f"{OFFICE}wordprocessingml.document": ("docx",),
    f"{OFFICE}spreadsheetml.sheet": ("xlsx",),
    f"{OFFICE}presentationml.presentation": ("pptx",),
    f"{OPEN}text": ("odt",),
    f"{OPEN}spreadsheet": ("ods",),
    f"{OPEN}presentation": ("odp",),
    "application/msword": ("doc",),
    "application/vnd.ms-excel": ("xls",),
    "application/vnd.ms-powerpoint": ("ppt",),
}
"""Media type → endings that fit it, the usual one first."""


def accepted() -> str:
    """As `<input accept>` takes it: types for phones, which then offer the camera, and endings for the rest."""
    endings = [f".{ending}" for mime, all_of in ENDINGS.items() if mime not in PICTURES for ending in all_of]
    return ",".join([*PICTURES, *endings])
