"""What `make docs` does beside mkdocs: pages from outside docs/, and links that hold on the site.

Links are written so that they hold in the repository, where people read these files too.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

REPOSITORY = Path(__file__).parents[1]
ALSO = ("CHANGELOG.md", "CONTRIBUTING.md", "benchmarks/REPORT.md", "benchmarks/growth.png")
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the repository's other pages to those of docs/."""
    for name in ALSO:
        files.append(File.generated(config, name, abs_src_path=str(REPOSITORY / name)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point links at the site's own pages; what is no page of it, such as code, is only named."""
    here = page.file.src_uri
    in_repository = here if here in ALSO else f"docs/{here}"

    def adjust(link: re.Match[str]) -> str:
        picture, text, address = link.groups()
        path, hash_sign, anchor = address.partition("#")
        if not path or ":" in path:
            return link[0]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(in_repository), path))
        target = target.removeprefix("docs/")
        if files.get_file_from_path(target) is None:
            return text
        relative = posixpath.relpath(target, posixpath.dirname(here) or ".")
        return f"{picture}[{text}]({relative}{hash_sign}{anchor})"

    return LINK.sub(adjust, markdown)
