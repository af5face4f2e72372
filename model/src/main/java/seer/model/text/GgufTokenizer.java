package seer.model.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import seer.model.load.GgufMetadata;

/// Reads the tokenizer that a GGUF file has inside: of `tokenizer.ggml.model` `gpt2`, byte-level with merges, or
/// `llama`, SentencePiece's with scores.
///
/// How text is cut into words is a name there, `tokenizer.ggml.pre`, which stands for the steps that the model's own
/// tokenizer.json has. Ids are those of Hugging Face's tokenizers for that model, also where llama.cpp's differ.
public final class GgufTokenizer {
    /// Types of tokens, by their numbers in the file.
    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int BYTE = 6;
    /// Longest token that merges lead to: pairs that make it are looked for at each of its places.
    private static final int LONGEST = 1024;
    private static final String SPACE = "▁";
    /// Mistral's from Nemo on: words in parts of one case.
    static final String TEKKEN = "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*"
            + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
            + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String PREFIX = "tokenizer.ggml.";

    /// A rule that two tokens become a third.
    record Merge(int left, int right, int rank, int merged) { }

    private final GgufMetadata keys;
    private final List<String> tokens;
    private final int[] types;
    private final Map<String, Integer> ids = new HashMap<>();
    /// Those that words are made of.
    private final Map<String, Integer> vocab = new HashMap<>();

    GgufTokenizer(GgufMetadata keys) {
        this.keys = keys;
        this.tokens = keys.strings(PREFIX + "tokens");
        int[] given = keys.ints(PREFIX + "token_type");
        this.types = keys.has(PREFIX + "token_type") ? given : filled(tokens.size());
        if (tokens.isEmpty()) {
            throw keys.wrong(PREFIX + "tokens", "a list of tokens", "none");
        }
        if (types.length != tokens.size()) {
            throw keys.wrong(PREFIX + "token_type", tokens.size() + " types, one for each token", types.length);
        }
        for (int id = 0; id < types.length; id++) {
            Integer other = ids.putIfAbsent(tokens.get(id), id);
            if (other != null) {
                throw keys.wrong(PREFIX + "tokens[" + id + "]", "each token once, and \"" + tokens.get(id)
                        + "\" is " + other, "it twice");
            }
            if (types[id] < NORMAL || types[id] > BYTE) {
                throw keys.wrong(PREFIX + "token_type[" + id + "]", "1 to 6", types[id]);
            }
            if (types[id] != CONTROL && types[id] != USER_DEFINED) {
                vocab.put(tokens.get(id), id);
            }
        }
    }

    List<String> tokens() {
        return tokens;
    }

    /// Whether a token is found in texts before anything else happens to them.
    boolean isAdded(int id) {
        return types[id] == CONTROL || types[id] == USER_DEFINED;
    }

    boolean isSpecial(int id) {
        return types[id] == CONTROL;
    }

    private static int[] filled(int count) {
        var types = new int[count];
        Arrays.fill(types, NORMAL);
        return types;
    }

    /// The tokenizer of a file.
    ///
    /// @throws seer.model.load.MalformedModelException naming the key that does not fit
    public static BpeTokenizer read(GgufMetadata keys) {
        String model = keys.requireString(PREFIX + "model");
        return switch (model) {
            case "gpt2" -> new GgufTokenizer(keys).byteLevel();
            case "llama" -> new GgufTokenizer(keys).sentencePiece();
            default -> throw keys.wrong(PREFIX + "model", "gpt2 or llama", model);
        };
    }

    private BpeTokenizer tokenizer(BytePairs pairs, PreTokenizer cut, TextNormalizer normalizer,
                                   TokenDecoder decoder, boolean opens) {
        var added = new ArrayList<AddedTokens.Token>();
        for (int id = 0; id < types.length; id++) {
            if (isAdded(id) && !tokens.get(id).isEmpty()) {
                added.add(new AddedTokens.Token(id, tokens.get(id), types[id] == CONTROL, false, false, false, false));
            }
        }
        Set<String> plain = added.stream().map(AddedTokens.Token::content).collect(Collectors.toSet());
        return new BpeTokenizer(new Vocabulary(ids, plain, decoder), pairs, cut, new AddedTokens(added),
                new AddedTokens(List.of()), normalizer,
                new Surroundings(around("bos", opens), around("eos", false)));
    }

    /// The token before or behind a whole text, if there is one.
    private int[] around(String name, boolean usual) {
        if (!keys.optionalBoolean(PREFIX + "add_" + name + "_token").orElse(usual)) {
            return new int[0];
        }
        return new int[] {id(name + "_token_id")};
    }

    private int id(String name) {
        int id = keys.requireInt(PREFIX + name);
        if (id >= tokens.size()) {
            throw keys.wrong(PREFIX + name, "an id from 0 to " + (tokens.size() - 1), id);
        }
        return id;
    }

    // -- byte-level --

    private BpeTokenizer byteLevel() {
        String pre = keys.optionalString(PREFIX + "pre").orElse("nothing: the file was made before it was noted");
        if (keys.optionalBoolean(PREFIX + "add_space_prefix").orElse(false)) {
            throw keys.wrong(PREFIX + "add_space_prefix", "false where words are spelled in bytes", true);
        }
        var steps = new ArrayList<PreTokenizer>();
        switch (pre) {
            case "gpt-2" -> { }
            case "smollm" -> steps.add(new PreTokenizer.Digits(true));
            case "llama-bpe", "llama3", "llama-v3" -> steps.add(split(WordScanner.LLAMA3));
            case "qwen2" -> steps.add(split(WordScanner.QWEN2));
            case "tekken" -> steps.add(split(TEKKEN));
            default -> throw keys.wrong(PREFIX + "pre", "gpt-2, smollm, llama-bpe, qwen2 or tekken", pre);
        }
        boolean words = steps.stream().noneMatch(step -> step instanceof PreTokenizer.Split);
        steps.add(new PreTokenizer.ByteLevel(false, words));
        boolean llama3 = pre.startsWith("llama");
        var settings = new BytePairs.Settings(true, llama3 || pre.equals("tekken"), false, -1, false);
        TextNormalizer normalizer = pre.equals("qwen2") ? new TextNormalizer.Form(Normalizer.Form.NFC)
                : new TextNormalizer.Sequence(List.of());
        return tokenizer(new BytePairs(vocab, merges(listed()), settings), new PreTokenizer.Sequence(steps), normalizer,
                new TokenDecoder.Bytes(), llama3 || pre.equals("tekken"));
    }

    private PreTokenizer split(String regex) {
        TextPattern pattern = WordScanner.of(regex).orElseGet(() -> OnigurumaPattern.compile(regex,
                got -> keys.wrong(PREFIX + "pre", "a pattern for this text", got)));
        return new PreTokenizer.Split(new Cutter(pattern, Cutter.Behavior.ISOLATED, false));
    }

    private static Merges merges(List<Merge> rules) {
        var merges = new Merges();
        rules.forEach(rule -> merges.add(rule.left, rule.right, rule.rank, rule.merged));
        return merges;
    }

    /// The merges that the file lists.
    List<Merge> listed() {
        var merges = new ArrayList<Merge>();
        List<String> lines = keys.strings(PREFIX + "merges");
        for (int rank = 0; rank < lines.size(); rank++) {
            String[] pair = lines.get(rank).split(" ", -1);
            String field = PREFIX + "merges[" + rank + "]";
            if (pair.length != 2) {
                throw keys.wrong(field, "two tokens, as \"a b\"", lines.get(rank));
            }
            merges.add(new Merge(known(field, pair[0]), known(field, pair[1]), rank,
                    known(field, pair[0] + pair[1])));
        }
        return merges;
    }

    private int known(String field, String token) {
        Integer id = vocab.get(token);
        if (id == null) {
            throw keys.wrong(field, "tokens of the vocabulary", "\"" + token + "\", which is not in it");
        }
        return id;
    }

    // -- SentencePiece --

    private BpeTokenizer sentencePiece() {
        if (keys.optionalBoolean(PREFIX + "remove_extra_whitespaces").orElse(false)) {
            throw keys.wrong(PREFIX + "remove_extra_whitespaces", "false: white space stays as it is", true);
        }
        boolean prefix = keys.optionalBoolean(PREFIX + "add_space_prefix").orElse(true);
        int unknown = keys.has(PREFIX + "unknown_token_id") ? id("unknown_token_id") : -1;
        var steps = new ArrayList<TextNormalizer>();
        if (prefix) {
            steps.add(new TextNormalizer.Prepend(SPACE));
        }
        steps.add(new TextNormalizer.Replace(new TextPattern.Literal(" "), SPACE));
        var decoder = new TokenDecoder.Text(List.of(new TokenDecoder.Replacement(SPACE, " ")), true,
                prefix ? " " : null, null);
        var settings = new BytePairs.Settings(false, false, true, unknown, true);
        return tokenizer(new BytePairs(vocab, merges(scored()), settings), new PreTokenizer.Sequence(List.of()),
                new TextNormalizer.Sequence(steps), decoder, true);
    }

    /// SentencePiece merges whatever two neighbours make a token, the one of the highest score first: so every way to
    /// cut a token in two tokens is a merge, and its rank the place of the score among all.
    List<Merge> scored() {
        float[] scores = keys.floats(PREFIX + "scores");
        if (scores.length != tokens.size()) {
            throw keys.wrong(PREFIX + "scores", tokens.size() + " scores, one for each token", scores.length);
        }
        var distinct = new TreeSet<Float>();
        for (int id = 0; id < scores.length; id++) {
            if (!Float.isFinite(scores[id])) {
                throw keys.wrong(PREFIX + "scores[" + id + "]", "a finite number", scores[id]);
            }
            distinct.add(scores[id] + 0f);
        }
        var ranks = new HashMap<Float, Integer>();
        distinct.descendingSet().forEach(score -> ranks.put(score, ranks.size()));
        var merges = new ArrayList<Merge>();
        for (int id = 0; id < scores.length; id++) {
            String token = tokens.get(id);
            if (types[id] != NORMAL) {
                continue;
            }
            if (token.length() > LONGEST) {
                throw keys.wrong(PREFIX + "tokens[" + id + "]", "at most " + LONGEST + " characters", token.length());
            }
            for (int cut = 1; cut < token.length(); cut++) {
                Integer left = vocab.get(token.substring(0, cut));
                Integer right = left == null ? null : vocab.get(token.substring(cut));
                if (right != null && types[left] == NORMAL && types[right] == NORMAL) {
                    merges.add(new Merge(left, right, ranks.get(scores[id] + 0f), id));
                }
            }
        }
        return merges;
    }
}
