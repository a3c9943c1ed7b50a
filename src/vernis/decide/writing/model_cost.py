"""What a request to a language model costs, in millionths of a US dollar.

A price in US dollars for a million tokens is the same number of millionths for one token.
"""

import math

from vernis.decide.writing.prompt import Prompt

# Tokens that a model may write: a message is 250 characters at most, Russian takes a token for
# every two of them or so, and what the model thinks before is counted as well.
TOKENS_PER_MESSAGE = 250
TOKENS_BESIDE = 2_000


def most_output_tokens(messages: int) -> int:
    """The limit that a request for so many messages is sent with."""
    return TOKENS_BESIDE + TOKENS_PER_MESSAGE * messages


def most_input_tokens(prompt: Prompt) -> int:
    """No text has more tokens than bytes; the form of the answer comes on top."""
    return len(prompt.system.encode()) + len(prompt.user.encode()) + 500


def cost(input_tokens: int, output_tokens: int, *, input_price: float, output_price: float) -> int:
    """Millionths of a US dollar, rounded up. Prices are US dollars for a million tokens."""
    return math.ceil(input_tokens * input_price + output_tokens * output_price)
