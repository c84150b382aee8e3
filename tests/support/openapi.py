"""fcgi/openapi.json, and an OpenAPI document that a service has answered with: what it says of a request and of an answer.

    api = Api(stack.get("/openapi.json").json)
    api.refuses("ExecuteRequest", {"language": 7})         # the texts of what is wrong; [] for a good one
    api.check("POST", "/v1/execute", answer)               # asserts that an Answer is as it says, headers included
"""

import json
import os
import re

import jsonschema

from source import SOURCE

ORDINARY = {"server", "date", "content-type", "content-length", "connection", "transfer-encoding", "accept-ranges"}


def shipped():
    with open(os.path.join(SOURCE, "fcgi", "openapi.json"), encoding="utf-8") as f:
        return json.load(f)


class Api:
    def __init__(self, document=None):
        self.document = document or shipped()
        self.resolver = jsonschema.RefResolver("", self.document)

    def resolve(self, value):
        """What a reference stands for, and everything else itself."""
        while "$ref" in value:
            node = self.document
            for name in value["$ref"][2:].split("/"):
                node = node[name]
            value = node
        return value

    def errors(self, schema, value):
        validator = jsonschema.Draft202012Validator(schema, resolver=self.resolver)
        return ["/%s: %s" % ("/".join(map(str, e.absolute_path)), e.message[:300]) for e in validator.iter_errors(value)]

    def refuses(self, name, value):
        return self.errors({"$ref": "#/components/schemas/" + name}, value)

    def operations(self):
        """(METHOD, path, operation)"""
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                yield method.upper(), path, operation

    def examples(self):
        """(where, schema, value) of each example of a request and a response."""
        for method, path, operation in self.operations():
            places = {"request": operation.get("requestBody", {}), **operation["responses"]}
            for where, place in places.items():
                for kind, content in self.resolve(place).get("content", {}).items():
                    for name, example in content["examples"].items():
                        yield "%s %s %s %s %s" % (method, path, where, kind, name), content["schema"], example["value"]

    # -- what an answer has that the document does not tell of; its schemas leave room for later versions

    def parts(self, schema):
        schema = self.resolve(schema)
        yield schema
        branches = [part for word in ("allOf", "anyOf", "oneOf") for part in schema.get(word, [])]
        for part in branches + [schema[word] for word in ("then", "else") if word in schema]:
            yield from self.parts(part)

    def undocumented(self, schema, value, at=""):
        parts = list(self.parts(schema))
        if isinstance(value, dict):
            known, rest = {}, [p["additionalProperties"] for p in parts if "additionalProperties" in p]
            for part in parts:
                for name, sub in part.get("properties", {}).items():
                    known.setdefault(name, []).append(sub)
            for name, item in value.items():
                subs = known.get(name, rest)
                if not subs:
                    yield at + "/" + name
                elif True not in subs:  # which says that there may be anything
                    yield from self.undocumented({"allOf": subs}, item, at + "/" + name)
        elif isinstance(value, list):
            items = [p["items"] for p in parts if "items" in p]
            for i, item in enumerate(value):
                yield from self.undocumented({"allOf": items}, item, "%s/%d" % (at, i))

    def check_body(self, schema, value):
        assert not (found := self.errors(schema, value)), (found, value)
        assert not (more := sorted(self.undocumented(schema, value))), more

    def check_headers(self, documented, headers):
        told = {name.lower(): self.resolve(header)["schema"] for name, header in documented.items()}
        for name, value in headers.items():
            if name.lower() in ORDINARY:
                continue
            assert name.lower() in told, "the header %s is not documented" % name
            schema = told[name.lower()]
            number = schema["type"] == "integer" and re.fullmatch(r"\d+", value)
            assert not (found := self.errors(schema, int(value) if number else value)), (name, found)
        for name in ("X-Request-Id", "Cache-Control", "X-Content-Type-Options"):
            assert headers.get_all(name) and len(headers.get_all(name)) == 1, name

    def check(self, method, path, answer):
        """The whole of an answer. Gives its document, or its text."""
        operation = self.document["paths"][path][method.lower()]
        responses = operation["responses"]
        response = self.resolve(responses.get(str(answer.status), responses["default"]))
        self.check_headers(response.get("headers", {}), answer.headers)
        if "content" not in response:
            assert answer.body == b"", answer
            return None
        kind = answer.headers["Content-Type"].split(";")[0]
        assert kind in response["content"], (answer.status, kind)
        value = answer.json if kind.endswith("json") else answer.body.decode()
        self.check_body(response["content"][kind]["schema"], value)
        problem = isinstance(value, dict) and value.get("retryable")
        if "Retry-After" in response.get("headers", {}):
            assert bool(problem) == ("Retry-After" in answer.headers), (value, dict(answer.headers))
        return value
