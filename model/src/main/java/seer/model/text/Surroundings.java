package seer.model.text;

/// What a tokenizer puts around a whole text, such as `<s>` before it.
record Surroundings(int[] opening, int[] closing) {
    static final Surroundings NONE = new Surroundings(new int[0], new int[0]);
}
