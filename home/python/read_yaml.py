"""Prints a YAML file as JSON: read_yaml.py FILE. Compose's own tags (!reset, !override) become their values."""

import json
import sys

import yaml


class Loader(yaml.SafeLoader):
    pass


def plain(loader, _suffix, node):
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


Loader.add_multi_constructor("!", plain)

with open(sys.argv[1], encoding="utf-8") as file:
    json.dump(yaml.load(file, Loader), sys.stdout)
