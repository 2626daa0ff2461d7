"""What the pages share: their templates, and where they find the media beside them."""

import os
from pathlib import Path
from urllib.parse import quote

import jinja2


def page_template(name: str) -> jinja2.Template:
    """A page's template, in which text is escaped and a name that is missing is an error."""
    return _environment().get_template(name)


def template_text(name: str) -> str:
    """A script or a style sheet as it stands in the templates' folder."""
    environment = _environment()
    assert environment.loader is not None
    return environment.loader.get_source(environment, name)[0]


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("videoalignment.present"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


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
