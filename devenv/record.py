"""Records: typing.NamedTuple to the type checker, and the same at run time for a tenth of the time to define.

``devenv config set`` ends before typing would be loaded. Behind ``if not TYPE_CHECKING`` is what the class statement of
a NamedTuple makes: a tuple with names, defaults, ``_replace`` and ``_asdict``.
"""

__all__ = ["TYPE_CHECKING", "Record"]

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import NamedTuple as Record
else:
    # what the standard library's own named tuples read their fields with, at C speed
    from _collections import _tuplegetter

    class _Making(type):
        def __new__(mcs, name, bases, namespace):
            fields = tuple(namespace.get("__annotations__", ()))
            if not bases:
                return super().__new__(mcs, name, (tuple,), namespace)
            defaults = {field: namespace.pop(field) for field in fields if field in namespace}
            for index, field in enumerate(fields):
                namespace[field] = _tuplegetter(index, None)
            namespace.update(__slots__=(), _fields=fields, _field_defaults=defaults, __match_args__=fields)
            return super().__new__(mcs, name, bases, namespace)

        @property
        def __signature__(cls):
            """What help() shows for the class."""
            from inspect import Parameter, Signature

            kind, said = Parameter.POSITIONAL_OR_KEYWORD, vars(cls).get("__annotations__", {})
            return Signature(
                Parameter(field, kind, default=cls._field_defaults.get(field, Parameter.empty), annotation=said[field])
                for field in cls._fields
            )

    class Record(metaclass=_Making):
        __slots__ = ()
        _fields = ()
        _field_defaults = {}  # noqa: RUF012

        def __new__(cls, *values, **named):
            fields = cls._fields
            if named or len(values) != len(fields):
                values = cls._filled(values, named)
            return tuple.__new__(cls, values)

        @classmethod
        def _filled(cls, values, named):
            fields, filled = cls._fields, list(values)
            if len(filled) > len(fields):
                raise TypeError(f"{cls.__name__} takes {len(fields)} values, not {len(filled)}")
            for field in fields[len(filled) :]:
                if field in named:
                    filled.append(named.pop(field))
                elif field in cls._field_defaults:
                    filled.append(cls._field_defaults[field])
                else:
                    raise TypeError(f"{cls.__name__} needs {field}")
            if named:
                raise TypeError(f"{cls.__name__} has no {', '.join(named)}, or has it twice")
            return filled

        def __repr__(self):
            parts = ", ".join(f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({parts})"

        def __getnewargs__(self):
            return tuple(self)

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, **named):
            fresh = [named.pop(field, value) for field, value in zip(self._fields, self, strict=True)]
            if named:
                raise ValueError(f"{type(self).__name__} has no {', '.join(named)}")
            return tuple.__new__(type(self), fresh)
