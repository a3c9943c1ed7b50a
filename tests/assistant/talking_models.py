"""The fake servers of `tests/llm`, for several steps and several tools: what an agent needs."""

import json
from dataclasses import dataclass
from typing import Any

from fake_models import Asked, FakeGemini, FakeModel, FakeOpenAI, Says

OUTPUT = "answer"  # the tool by which the agent ends its run


@dataclass(frozen=True, kw_only=True)
class Calls(Says):
    """One call of a tool, with `words` as its arguments in JSON."""

    tool: str


def calls(tool: str, **arguments: Any) -> Calls:
    return Calls(words=json.dumps(arguments, ensure_ascii=False), tool=tool)


def answers(**fields: Any) -> Calls:
    """The end of a run: what the model makes of the turn."""
    return calls(OUTPUT, **fields)


def results(asked: Asked) -> list[str]:
    """What the tools have answered so far, as they were told to the model."""
    if "contents" in asked.body:
        parts = [part for content in asked.body["contents"] for part in content["parts"]]
        return [
            json.dumps(part["functionResponse"]["response"], ensure_ascii=False)
            for part in parts
            if "functionResponse" in part
        ]
    return [one["content"] for one in asked.body["messages"] if one["role"] == "tool"]


class TalkingGemini(FakeGemini):
    """generateContent with function declarations and a history."""

    def texts(self, sent):
        first = sent["contents"][0]
        assert first["role"] == "user"
        system = "\n\n".join(part["text"] for part in sent["systemInstruction"]["parts"])
        return system, "".join(part["text"] for part in first["parts"])

    def answer(self, says, sent):
        plain = {key: value for key, value in sent.items() if key != "tools"}
        answer = super().answer(says, plain)
        if "tools" in sent or isinstance(says, Calls):
            call = _call(says)
            if "tools" in sent:
                known = [one["name"] for one in sent["tools"][0]["functionDeclarations"]]
                assert call["name"] in known, known
                answer["candidates"][0]["content"]["parts"] = [{"functionCall": call}]
        return answer


class TalkingOpenAI(FakeOpenAI):
    """Chat completions with tools and a history."""

    def texts(self, sent):
        said = {"system": "", "user": ""}
        for message in sent["messages"]:
            if not said.get(message["role"], "-") or message["role"] == "system":
                said[message["role"]] += message["content"]
        return said["system"], said["user"]

    def answer(self, says, sent):
        plain = {key: value for key, value in sent.items() if key != "tools"}
        answer = super().answer(says, plain)
        if "tools" in sent:
            call = _call(says)
            assert call["name"] in [one["function"]["name"] for one in sent["tools"]]
            function = {"name": call["name"], "arguments": says.words}
            made = {"id": f"call_{len(self.asked)}", "type": "function", "function": function}
            message = answer["choices"][0]["message"]
            message["content"], message["tool_calls"] = None, [made]
        return answer


def _call(says: Says) -> dict[str, Any]:
    name = says.tool if isinstance(says, Calls) else OUTPUT
    return {"name": name, "args": json.loads(says.words)}


TALKING: list[type[FakeModel]] = [TalkingGemini, TalkingOpenAI]
