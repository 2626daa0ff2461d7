"""What the pages share: how they are written, and where they find media, in them or beside them."""

import base64
import hashlib
import os
from pathlib import Path
from urllib.parse import quote

import jinja2

from videoalignment.files import whole_file


def write_page(path: str | os.PathLike[str], name: str, **values: object) -> None:
    """Write a page whose template, style sheet and script are NAME.html, NAME.css and NAME.js.

    A browser runs no other script in it, and fetches nothing but media from files.

    Args:
        path: the HTML file to write.
        name: of the template. All have a head and a `title` in common; a script is optional.
        values: for the template, which escapes them.

    Raises:
        UnusableFileError: the file cannot be written.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("videoalignment.present"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    assert environment.loader is not None
    scripts = [each for each in environment.list_templates() if each == f"{name}.js"]
    script = environment.loader.get_source(environment, scripts[0])[0] if scripts else ""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    values |= {"style": f"{name}.css", "script": script, "script_digest": digest}
    html = environment.get_template(f"{name}.html").render(values)
    with whole_file(path, "w", encoding="utf-8") as file:
        file.write(html)


def media_urls(media: Path, folder: Path) -> list[str]:
    """Where a page looks for a video or a sound: at its place seen from the page, then beside it.

    Args:
        media: the file.
        folder: of the page.

    Returns:
        Relative URLs to try, in this order.
    """
    relative = os.path.relpath(media.resolve(), folder)
    places = [relative.replace(os.sep, "/"), media.name]
    return [quote(os.fsencode(place)) for place in dict.fromkeys(places)]


def data_url(content: bytes, media_type: str) -> str:
    """Put a file's content into the page itself."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"
