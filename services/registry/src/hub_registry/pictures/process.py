"""The process that draws: reads an order a line, answers with a line of JSON. Ends when its input does."""

import json
import sys

from hub_registry.pictures.drawing import draw


def main() -> None:
    """Draw until there is nothing more to draw."""
    for line in sys.stdin:
        try:
            answer = {"svg": draw(line)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
