package seer.model;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import seer.model.load.JsonFile;

/// Reads the ids after which a text ends: from `generation_config.json` where it stands beside `config.json` and
/// names any, as chat models do, else from `config.json`.
///
/// How tokens are drawn is asked for by whoever generates, so the file's own settings for that are not read; what
/// would forbid or force tokens, or end a text otherwise, is refused.
final class GenerationConfigFile {
    private static final String END = "eos_token_id";
    private static final List<String> REFUSED = List.of("stop_strings", "suppress_tokens", "begin_suppress_tokens",
            "bad_words_ids", "force_words_ids", "sequence_bias", "forced_bos_token_id", "forced_eos_token_id",
            "forced_decoder_ids", "exponential_decay_length_penalty", "constraints");
    /// Numbers that forbid tokens, unless each is 0: such as the end before so many were drawn.
    private static final List<String> ZERO = List.of("min_length", "min_new_tokens", "no_repeat_ngram_size",
            "encoder_no_repeat_ngram_size");

    private GenerationConfigFile() { }

    /// The ids that end a text; those that `config.json` names come first.
    static List<Integer> endOfText(JsonFile config, int vocabulary) {
        List<Integer> trained = ids(config, vocabulary);
        Path file = config.file().resolveSibling("generation_config.json");
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return trained;
        }
        JsonFile json = JsonFile.read(file);
        for (String field : REFUSED) {
            json.requireNothing(field, "nothing: every token may be drawn, and only ids end a text");
        }
        for (String field : ZERO) {
            double value = json.optionalDouble(field).orElse(0);
            if (value != 0) {
                throw json.wrong(field, "0 or nothing: every token may be drawn at any time", value);
            }
        }
        double guidance = json.optionalDouble("guidance_scale").orElse(1);
        if (guidance != 1) {
            throw json.wrong("guidance_scale", "1 or nothing: a prompt is read once", guidance);
        }
        List<Integer> named = ids(json, vocabulary);
        if (named.isEmpty()) {
            return trained;
        }
        var ordered = new ArrayList<>(trained);
        ordered.retainAll(named);
        named.stream().filter(id -> !ordered.contains(id)).forEach(ordered::add);
        return ordered;
    }

    private static List<Integer> ids(JsonFile json, int vocabulary) {
        List<Integer> ids = json.intList(END);
        for (int id : ids) {
            if (id < 0 || id >= vocabulary) {
                throw json.wrong(END, "ids from 0 to " + (vocabulary - 1) + ", the vocabulary's last", id);
            }
        }
        return ids.stream().distinct().toList();
    }
}
