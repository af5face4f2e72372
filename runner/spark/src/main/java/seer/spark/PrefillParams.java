package seer.spark;

import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.Identifiable$;
import seer.model.attention.ForcedBlocks;

/// The settings of [SeerPrefill], as Spark keeps and finds them: a method that returns a parameter for each.
abstract class PrefillParams extends Transformer {
    private static final long serialVersionUID = 1L;

    private final String uid;
    private final Param<String> inputCol;
    private final Param<String> outputCol;
    private final Param<String> model;
    private final Param<String> checksum;
    private final Param<String> gate;
    private final Param<String> backend;
    private final Param<String> precision;
    private final Param<String> select;
    private final Param<String> question;
    private final IntParam threads;
    private final IntParam newTokens;
    private final IntParam denseLastRows;
    private final IntParam chunk;
    private final IntParam denseBelow;
    private final IntParam partitions;
    private final BooleanParam keepFirst;
    private final BooleanParam perplexity;
    private final BooleanParam logLikelihoods;

    /// @param uid under which Spark knows it; null for a new one
    PrefillParams(String uid) {
        this.uid = uid == null ? Identifiable$.MODULE$.randomUID("seerPrefill") : uid;
        inputCol = text("inputCol", "column with texts (string or binary, UTF-8) or tokens (list of numbers)");
        outputCol = text("outputCol", "column that the results come into");
        model = text("model",
                "folder or GGUF file: a path, an address of a Hadoop file system, or files:NAME after addFile");
        checksum = text("checksum",
                "SHA-256 that the weights must have, in hex; empty takes that of the driver's copy");
        gate = text("gate", "folder of the gates; empty takes the folder gate inside the model's");
        backend = text("backend",
                "auto, cpu, tornado or simulator; auto is tornado where Spark assigned a GPU, else cpu");
        precision = text("precision", "auto, f32 or bf16, of a device; int8, of the cpu, which auto takes then");
        select = text("select", "how blocks are chosen, as --select says it");
        question = text("question", "text behind every document");
        threads = number("threads", "threads of the cpu backend; 0 for the executor's cores");
        newTokens = number("newTokens", "tokens to draw");
        denseLastRows = number("denseLastRows", "last rows of blocks that keep every block");
        chunk = number("chunk", "tokens that pass through the layers together; 0 for the usual number");
        denseBelow = number("denseBelow", "documents of fewer tokens are read dense");
        partitions = number("partitions",
                "partitions that documents are dealt to, long ones first; 0 leaves them where they are");
        keepFirst = truth("keepFirst", "every row keeps the first block");
        perplexity = truth("perplexity", "score every token and say the perplexity");
        logLikelihoods = truth("logLikelihoods", "keep the log-likelihood of every token");
        defaults();
    }

    private void defaults() {
        setDefault(outputCol, "seer");
        setDefault(checksum, "");
        setDefault(gate, "");
        setDefault(backend, "auto");
        setDefault(precision, "auto");
        setDefault(select, "gate");
        setDefault(question, "");
        setDefault(threads, 0);
        setDefault(newTokens, 0);
        setDefault(denseLastRows, ForcedBlocks.DENSE_LAST_ROWS);
        setDefault(chunk, 0);
        setDefault(denseBelow, 0);
        setDefault(partitions, 0);
        setDefault(keepFirst, true);
        setDefault(perplexity, true);
        setDefault(logLikelihoods, false);
    }

    private Param<String> text(String name, String doc) {
        return new Param<>(this, name, doc);
    }

    private IntParam number(String name, String doc) {
        return new IntParam(uid, name, doc);
    }

    private BooleanParam truth(String name, String doc) {
        return new BooleanParam(uid, name, doc);
    }

    @Override
    public String uid() {
        return uid;
    }

    /// @throws IllegalArgumentException if it has no value and needs one
    String text(Param<String> param) {
        if (!isSet(param) && !hasDefault(param)) {
            throw new IllegalArgumentException(param.name() + " is missing, wanted " + param.doc());
        }
        return getOrDefault(param);
    }

    int whole(Param<Object> param) {
        return (int) getOrDefault(param);
    }

    boolean isTrue(Param<Object> param) {
        return (boolean) getOrDefault(param);
    }

    public Param<String> inputCol() {
        return inputCol;
    }

    public Param<String> outputCol() {
        return outputCol;
    }

    public Param<String> model() {
        return model;
    }

    public Param<String> checksum() {
        return checksum;
    }

    public Param<String> gate() {
        return gate;
    }

    public Param<String> backend() {
        return backend;
    }

    public Param<String> precision() {
        return precision;
    }

    public Param<String> select() {
        return select;
    }

    public Param<String> question() {
        return question;
    }

    public IntParam threads() {
        return threads;
    }

    public IntParam newTokens() {
        return newTokens;
    }

    public IntParam denseLastRows() {
        return denseLastRows;
    }

    public IntParam chunk() {
        return chunk;
    }

    public IntParam denseBelow() {
        return denseBelow;
    }

    public IntParam partitions() {
        return partitions;
    }

    public BooleanParam keepFirst() {
        return keepFirst;
    }

    public BooleanParam perplexity() {
        return perplexity;
    }

    public BooleanParam logLikelihoods() {
        return logLikelihoods;
    }
}
