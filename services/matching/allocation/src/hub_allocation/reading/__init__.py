"""Reading a round's input: files to text, text to checked values, values to an instance; every error named."""
