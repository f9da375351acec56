"""An employer's slots: list, publish in steps, change, copy, repeat, bring in by file, withdraw."""
