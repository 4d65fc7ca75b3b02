"""The JSON Schema of an item, made from the very types that are written, so that it cannot fall behind them."""

from collections.abc import Mapping
from typing import Any

from msgspec import inspect

from quizgen import answers
from quizgen.expr import Expr, Node
from quizgen.values import SCHEMA, Item, Key

DIALECT = "https://json-schema.org/draft/2020-12/schema"
IDENTIFIER = f"urn:quizgen:item:{SCHEMA}"


def _tagged(tag: str, description: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """An exact number: an object whose only field says what kind of number it is."""
    return {
        "description": description,
        "type": "object",
        "properties": {tag: content},
        "required": [tag],
        "additionalProperties": False,
    }


FRACTION = _tagged("q", "A fraction in lowest terms.", {"type": "string", "pattern": "^-?[0-9]+/[1-9][0-9]*$"})
DECIMAL = _tagged(
    "d",
    "A decimal number, with the digits that are printed.",
    {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?(E[+-][0-9]+)?$"},
)
FORMULA = _tagged("f", "A formula, as a tree.", {"$ref": "#/$defs/formula"})
VALUE = {
    "description": "An exact value: no number with a decimal point or an exponent is ever written as a JSON number.",
    "anyOf": [
        {"type": ["integer", "string", "boolean", "null"]},
        {"type": "array", "items": {"$ref": "#/$defs/value"}},
        {"$ref": "#/$defs/fraction"},
        {"$ref": "#/$defs/decimal"},
        {"$ref": "#/$defs/wrapped_formula"},
        {
            "type": "object",
            "not": {"anyOf": [{"required": [tag], "maxProperties": 1} for tag in "qdf"]},
            "additionalProperties": {"$ref": "#/$defs/value"},
        },
    ],
}


def item() -> dict[str, Any]:
    """The JSON Schema of one line of ``quizgen draw``."""
    types = inspect.multi_type_info([Item, *answers.kinds().values(), Node])
    kinds = [kind for kind in types if isinstance(kind, inspect.StructType) and issubclass(kind.cls, Key)]
    definitions: dict[str, dict[str, Any]] = {
        "value": VALUE,
        "fraction": FRACTION,
        "decimal": DECIMAL,
        "wrapped_formula": FORMULA,
        "formula": _schema(types[-1]),
        "key": {"oneOf": [_reference(kind) for kind in kinds]},
    }
    for struct in _structs(types):
        if struct.cls is not Key:
            definitions[_name(struct)] = _struct(struct)
    definitions["item"]["properties"]["schema"] = {"const": SCHEMA}
    return {"$schema": DIALECT, "$id": IDENTIFIER, "$ref": "#/$defs/item", "$defs": dict(sorted(definitions.items()))}


def _structs(kinds: Any) -> list[inspect.StructType]:
    """All structs that some types contain, each once."""
    found: dict[type, inspect.StructType] = {}

    def visit(kind: inspect.Type) -> None:
        if isinstance(kind, inspect.StructType):
            if kind.cls in found:
                return
            found[kind.cls] = kind
            inner: tuple[inspect.Type, ...] = tuple(field.type for field in kind.fields)
        else:
            inner = _inside(kind)
        for entry in inner:
            visit(entry)

    for kind in kinds:
        visit(kind)
    return list(found.values())


def _inside(kind: inspect.Type) -> tuple[inspect.Type, ...]:
    match kind:
        case inspect.VarTupleType(item_type=entry):
            return (entry,)
        case inspect.TupleType(item_types=entries):
            return entries
        case inspect.DictType(value_type=entry):
            return (entry,)
        case inspect.UnionType(types=members):
            return members
    return ()


def _name(struct: inspect.StructType) -> str:
    """``integer_key`` for a key, ``num_formula`` for a node of a formula, else the struct's name."""
    name = struct.cls.__name__.lower()
    return f"{name}_key" if issubclass(struct.cls, Key) else f"{name}_formula" if issubclass(struct.cls, Expr) else name


def _reference(struct: inspect.StructType) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{'key' if struct.cls is Key else _name(struct)}"}


def _struct(struct: inspect.StructType) -> dict[str, Any]:
    """An object with the fields of a struct, and its tag; keys leave out what is as by default."""
    omits = struct.cls.__struct_config__.omit_defaults
    required = [field.encode_name for field in struct.fields if field.required or not omits]
    properties = {field.encode_name: _schema(field.type) for field in struct.fields}
    tag: Mapping[str, Any] = {struct.tag_field: {"const": struct.tag}} if struct.tag_field else {}
    return {
        "description": (struct.cls.__doc__ or "").strip().partition("\n")[0],
        "type": "object",
        "properties": {**tag, **properties},
        "required": [*tag, *required],
        "additionalProperties": False,
    }


def _schema(kind: inspect.Type) -> dict[str, Any]:
    match kind:
        case inspect.StructType():
            return _reference(kind)
        case inspect.IntType():
            return {"type": "integer"}
        case inspect.StrType():
            return {"type": "string"}
        case inspect.BoolType():
            return {"type": "boolean"}
        case inspect.NoneType():
            return {"type": "null"}
        case inspect.LiteralType(values=values):
            return {"enum": list(values)}
        case inspect.DecimalType():
            return {"$ref": "#/$defs/decimal"}
        case inspect.CustomType():
            return {"$ref": "#/$defs/fraction"}
        case inspect.VarTupleType(item_type=entry):
            return {"type": "array", "items": _schema(entry)}
        case inspect.TupleType(item_types=entries):
            return {
                "type": "array",
                "prefixItems": [_schema(entry) for entry in entries],
                "minItems": len(entries),
                "maxItems": len(entries),
            }
        case inspect.DictType(value_type=entry):
            return {"type": "object", "additionalProperties": _schema(entry)}
        case inspect.UnionType(types=members):
            return {"oneOf": [_schema(member) for member in members]}
    return {"$ref": "#/$defs/value"}
