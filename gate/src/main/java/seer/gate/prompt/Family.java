package seer.gate.prompt;

/// The kinds of retrieval prompts: RULER's tasks (arXiv 2404.06654, section 3 and appendix B).
public enum Family {
    /// One needle: one key with one number.
    SINGLE,
    /// Several keys with a number each; one is asked for.
    MULTIKEY,
    /// One key with several numbers; all are asked for.
    MULTIVALUE,
    /// Several keys with a number each; all are asked for.
    MULTIQUERY,
    /// A chain of variables assigned to one another, in repeated sentences; all are asked for.
    TRACK,
    /// A numbered list of words in which some come much oftener than the others; these are asked for.
    COMMON_WORDS,
    /// Made-up words with Zipf's frequencies; the most frequent are asked for.
    FREQUENT_WORDS
}
