package seer.eval.longbench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import seer.model.load.Quoted;

/// LongBench's English and code datasets: how they ask, how long they answer, how they are scored.
///
/// What is asked follows arXiv 2308.14508, appendix B; the wording is ours and short. Its Chinese datasets are left
/// out: their metrics need a word segmenter.
public enum Dataset {
    NARRATIVEQA(128, Metric.F1, Texts.STORY),
    QASPER(128, Metric.F1, Texts.ARTICLE),
    MULTIFIELDQA_EN(64, Metric.F1, Texts.ARTICLE),
    HOTPOTQA(32, Metric.F1, Texts.PASSAGES),
    TWOWIKIMQA(32, Metric.F1, Texts.PASSAGES),
    MUSIQUE(32, Metric.F1, Texts.PASSAGES),
    GOV_REPORT(512, Metric.ROUGE_L, "Report:\n{context}\n\nA one-page summary of the report:\n"),
    QMSUM(512, Metric.ROUGE_L, "Meeting transcript:\n{context}\n\nQuestion: {input}\nAnswer in a few sentences:"),
    MULTI_NEWS(512, Metric.ROUGE_L, "News:\n{context}\n\nA one-page summary of all the news:\n"),
    TREC(64, Metric.CLASSIFICATION, "Questions and their types:\n{context}\n{input}"),
    TRIVIAQA(32, Metric.F1, "Passages, questions and answers:\n{context}\n\n{input}"),
    SAMSUM(128, Metric.ROUGE_L, "Dialogues and their summaries:\n{context}\n\n{input}"),
    PASSAGE_COUNT(32, Metric.NUMBER, "Some of these paragraphs are repeated:\n{context}\n\nThe number of different "
            + "paragraphs is:"),
    PASSAGE_RETRIEVAL_EN(32, Metric.NUMBER, "Paragraphs:\n{context}\n\nAn abstract of one of them:\n{input}\n\nThe "
            + "abstract is of Paragraph"),
    LCC(64, Metric.EDIT_SIMILARITY, "{context}{input}"),
    REPOBENCH_P(64, Metric.EDIT_SIMILARITY, "{context}{input}");

    /// Prompts that several datasets share.
    private static final class Texts {
        static final String STORY = "Story:\n{context}\n\nQuestion: {input}\nAnswer in a few words:";
        static final String ARTICLE = "Article:\n{context}\n\nQuestion: {input}\nShort answer from the article:";
        static final String PASSAGES = "Passages:\n{context}\n\nQuestion: {input}\nAnswer in a few words:";

        private Texts() { }
    }

    /// How a dataset is scored.
    private enum Metric { F1, ROUGE_L, CLASSIFICATION, NUMBER, EDIT_SIMILARITY }

    private static final List<Dataset> ANSWER_IS_ONE_LINE = List.of(TREC, TRIVIAQA, SAMSUM);

    private final int answerTokens;
    private final Metric metric;
    private final String template;

    Dataset(int answerTokens, Metric metric, String template) {
        this.answerTokens = answerTokens;
        this.metric = metric;
        this.template = template;
    }

    /// As LongBench's files are named.
    public String label() {
        return switch (this) {
            case TWOWIKIMQA -> "2wikimqa";
            case REPOBENCH_P -> "repobench-p";
            default -> name().toLowerCase(Locale.ROOT);
        };
    }

    /// The dataset of that label; LongBench-E's end with `_e`.
    public static Optional<Dataset> of(String label) {
        return Arrays.stream(values())
                .filter(each -> label.equals(each.label()) || label.equals(each.label() + "_e")).findFirst();
    }

    static String labels() {
        return Arrays.stream(values()).map(Dataset::label).collect(Collectors.joining(", "));
    }

    /// Tokens an answer may have.
    public int answerTokens() {
        return answerTokens;
    }

    /// The prompt of a record.
    public String prompt(Example example) {
        // the context may speak of {input} itself: only the template's places are filled
        int context = template.indexOf("{context}");
        String rest = template.substring(context + "{context}".length());
        return template.substring(0, context) + example.context() + rest.replace("{input}", example.input());
    }

    /// What keeps a record from being scored: the field, what was wanted and what was found; null if nothing does.
    String problem(Example example) {
        if (prompt(example).isEmpty()) {
            return "context: wanted a text, got none, and none in input either";
        }
        if (metric == Metric.CLASSIFICATION && example.classes().isEmpty()) {
            return "all_classes: wanted the classes that the answer is one of, got none";
        }
        if (metric == Metric.NUMBER) {
            return example.answers().stream().filter(answer -> Words.numbers(answer).isEmpty()).findFirst()
                    .map(answer -> "answers: wanted a number in each, got \"" + Quoted.of(answer) + "\"").orElse(null);
        }
        return null;
    }

    /// The best score over the right answers, 0 to 1.
    public double score(String prediction, Example example) {
        String said = ANSWER_IS_ONE_LINE.contains(this) ? prediction.replaceFirst("^\n+", "").split("\n", 2)[0]
                : prediction;
        return example.answers().stream().mapToDouble(answer -> switch (metric) {
            case F1 -> Metrics.tokenF1(said, answer);
            case ROUGE_L -> Metrics.rougeL(said, answer);
            case CLASSIFICATION -> Metrics.classification(said, answer, example.classes());
            case NUMBER -> Metrics.number(said, answer);
            case EDIT_SIMILARITY -> Metrics.editSimilarity(said, answer);
        }).max().orElse(0);
    }
}
