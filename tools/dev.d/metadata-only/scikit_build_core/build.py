# SPDX-FileCopyrightText: The OptRun authors
# SPDX-License-Identifier: Apache-2.0
"""A Python build back end that answers pip's question for metadata and builds nothing.

`pip download` of a source distribution asks its back end for metadata even when no dependency is
wanted. With this one in its place, pip needs neither the network nor unpinned tools for that.
"""

import pathlib


def prepare_metadata_for_build_wheel(directory, config_settings=None):
    fields = {}
    for line in pathlib.Path("PKG-INFO").read_text(encoding="utf-8").splitlines():
        if not line:
            break
        key, _, value = line.partition(": ")
        fields.setdefault(key, value)
    name, version = fields["Name"], fields["Version"]
    folder = pathlib.Path(directory, f"{name}-{version}.dist-info")
    folder.mkdir()
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (folder / "METADATA").write_text(text, encoding="utf-8")
    return folder.name


def build_wheel(directory, config_settings=None, metadata_directory=None):
    raise NotImplementedError("this back end only answers for metadata")
