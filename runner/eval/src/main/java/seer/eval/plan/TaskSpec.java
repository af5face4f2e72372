package seer.eval.plan;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import seer.eval.AttentionTask;
import seer.eval.EvalTask;
import seer.eval.Measure;
import seer.eval.PerplexityTask;
import seer.eval.RetrievalTask;
import seer.eval.RetrievalTask.Scoring;
import seer.eval.longbench.LongBenchFile;
import seer.eval.longbench.LongBenchTask;
import seer.gate.prompt.Family;

/// A task as data.
public sealed interface TaskSpec {

    /// As [#parse] reads it.
    String text();

    /// The task itself.
    ///
    /// @throws IllegalArgumentException if what it names is not there, or is too short for it
    EvalTask open(Library library);

    /// Perplexity of texts in windows; see [PerplexityTask].
    ///
    /// @param windows of each text, at most
    record Perplexity(List<TextSpec> texts, int length, int stride, int windows) implements TaskSpec {
        private static final String WORD = "perplexity";

        public Perplexity {
            texts = List.copyOf(texts);
            positive(WORD, texts.size(), length, stride, windows);
        }

        @Override
        public String text() {
            return withTexts(SpecText.of(WORD), texts).with("length", length).with("stride", stride)
                    .with("windows", windows).print();
        }

        private static TaskSpec read(SpecText spec) {
            return new Perplexity(readTexts(spec), spec.whole("length"), spec.whole("stride"), spec.whole("windows"));
        }

        @Override
        public EvalTask open(Library library) {
            return new PerplexityTask(texts.stream().map(library::document).toList(), length, stride, windows);
        }
    }

    /// A choice beside the true attention; see [AttentionTask].
    ///
    /// @param measure [Measure#RECALL] or [Measure#RANK_CORRELATION]
    record Attention(Measure measure, TextSpec document, int length, int windows) implements TaskSpec {

        public Attention {
            positive(measure.label(), length, windows);
        }

        @Override
        public String text() {
            return withTexts(SpecText.of(measure.label()), List.of(document)).with("length", length)
                    .with("windows", windows).print();
        }

        private static TaskSpec read(SpecText spec, Measure measure) {
            return new Attention(measure, TextSpec.parse(spec.one("text")), spec.whole("length"),
                    spec.whole("windows"));
        }

        @Override
        public EvalTask open(Library library) {
            return AttentionTask.of(measure, library.document(document), length, windows);
        }
    }

    /// Prompts of one family, hidden in texts; see [RetrievalTask].
    ///
    /// @param seed of the first prompt; the others follow
    record Retrieval(List<TextSpec> texts, Family family, int keys, int length, int prompts, long seed,
                     Scoring scoring) implements TaskSpec {
        private static final String WORD = "retrieval";

        public Retrieval {
            texts = List.copyOf(texts);
            positive(WORD, texts.size(), keys, length, prompts);
        }

        @Override
        public String text() {
            return withTexts(SpecText.of(WORD), texts).with("family", lower(family)).with("keys", keys)
                    .with("length", length).with("prompts", prompts).with("seed", seed)
                    .with("score", lower(scoring)).print();
        }

        private static TaskSpec read(SpecText spec) {
            return new Retrieval(readTexts(spec), choice(spec, "family", Family.values()), spec.whole("keys"),
                    spec.whole("length"), spec.whole("prompts"), spec.number("seed"),
                    choice(spec, "score", Scoring.values()));
        }

        @Override
        public EvalTask open(Library library) {
            return RetrievalTask.bySeed(library.generator(texts), family, keys, length, prompts, seed, scoring,
                    library.model().tokenizer());
        }
    }

    /// Prompts of a file; see [seer.eval.PromptFile].
    ///
    /// @param row     the tensor they stand in
    /// @param prompts that are read of it at most
    record Prompts(Path file, String row, int prompts, Scoring scoring) implements TaskSpec {
        private static final String WORD = "prompts";

        public Prompts {
            positive(WORD, prompts);
        }

        @Override
        public String text() {
            return SpecText.of(WORD).with("file", file).with("row", row).with("prompts", prompts)
                    .with("score", lower(scoring)).print();
        }

        private static TaskSpec read(SpecText spec) {
            return new Prompts(Path.of(spec.one("file")), spec.one("row"), spec.whole("prompts"),
                    choice(spec, "score", Scoring.values()));
        }

        @Override
        public EvalTask open(Library library) {
            var all = library.prompts(file).stream().filter(each -> each.name().equals(row)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(file + " has no tensor " + row)).prompts();
            return RetrievalTask.of(row, all.subList(0, Math.min(prompts, all.size())), scoring,
                    library.model().tokenizer());
        }
    }

    /// A dataset of LongBench; see [LongBenchTask].
    ///
    /// @param length  most tokens of a prompt
    /// @param prompts most records
    record LongBench(Path file, int length, int prompts) implements TaskSpec {
        private static final String WORD = "longbench";

        public LongBench {
            positive(WORD, length, prompts);
        }

        @Override
        public String text() {
            return SpecText.of(WORD).with("file", file).with("length", length).with("prompts", prompts).print();
        }

        private static TaskSpec read(SpecText spec) {
            return new LongBench(Path.of(spec.one("file")), spec.whole("length"), spec.whole("prompts"));
        }

        @Override
        public EvalTask open(Library library) {
            return new LongBenchTask(LongBenchFile.label(file), LongBenchFile.dataset(file),
                    LongBenchFile.read(file, prompts), length, library.model().tokenizer());
        }
    }

    /// Reads what [#text] wrote.
    ///
    /// @throws IllegalArgumentException quoting what was written and what was wanted
    static TaskSpec parse(String text) {
        var spec = SpecText.parse(text);
        Function<SpecText, TaskSpec> read = switch (spec.word()) {
            case Perplexity.WORD -> Perplexity::read;
            case Retrieval.WORD -> Retrieval::read;
            case Prompts.WORD -> Prompts::read;
            case LongBench.WORD -> LongBench::read;
            default -> each -> Attention.read(each, attention(each));
        };
        var task = read.apply(spec);
        spec.requireSpent();
        return task;
    }

    private static Measure attention(SpecText spec) {
        return Measure.of(spec.word()).filter(each -> each == Measure.RECALL || each == Measure.RANK_CORRELATION)
                .orElseThrow(() -> spec.wrong("wanted " + Perplexity.WORD + ", " + Measure.RECALL.label() + ", "
                        + Measure.RANK_CORRELATION.label() + ", " + Retrieval.WORD + ", " + Prompts.WORD + " or "
                        + LongBench.WORD + " before the colon"));
    }

    private static SpecText withTexts(SpecText spec, List<TextSpec> texts) {
        texts.forEach(each -> spec.with("text", each.text()));
        return spec;
    }

    private static List<TextSpec> readTexts(SpecText spec) {
        return spec.all("text").stream().map(TextSpec::parse).toList();
    }

    private static <E extends Enum<E>> E choice(SpecText spec, String key, E[] choices) {
        String value = spec.one(key);
        return Arrays.stream(choices).filter(each -> lower(each).equals(value)).findFirst()
                .orElseThrow(() -> spec.wrong(key + " is \"" + value + "\", wanted one of "
                        + Arrays.stream(choices).map(TaskSpec::lower).toList()));
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static void positive(String word, int... numbers) {
        if (Arrays.stream(numbers).anyMatch(number -> number < 1)) {
            throw new IllegalArgumentException("the numbers of " + word + " are " + Arrays.toString(numbers)
                    + ", wanted each at least 1");
        }
    }
}
