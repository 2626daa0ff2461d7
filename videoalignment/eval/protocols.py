"""The protocols by name, loaded when they are first asked for."""

from typing import TYPE_CHECKING

from videoalignment.registry import Registry

if TYPE_CHECKING:
    from videoalignment.eval.protocol import Protocol

_HOMES = {
    "localisation": "videoalignment.eval.localisation:Localisation",
    "segments": "videoalignment.eval.segments:Segments",
    "retrieval": "videoalignment.eval.retrieval:Retrieval",
    "vcsl": "videoalignment.eval.vcsl:VcslCopies",
    "vsc": "videoalignment.eval.vsc:VscCopies",
}
PROTOCOLS: "Registry[type[Protocol]]" = Registry(
    "protocol", _HOMES, base="videoalignment.eval.protocol:Protocol"
)
