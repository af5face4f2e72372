package seer.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import seer.model.BackendChoice;
import seer.model.Perplexity;
import seer.model.PrefillRequest;
import seer.model.Sampling;
import seer.model.load.Utf8Text;
import seer.support.Demo;

/// The transformer in Spark's local mode.
class SeerPrefillTest {
    private static final int DOCUMENTS = 9;

    private static SparkSession spark;
    private static List<String> alone; // what one process says of the documents

    @TempDir
    private Path folder;

    @BeforeAll
    static void readAlone() {
        spark = LocalSpark.open();
        alone = new ArrayList<>();
        var model = Demo.model();
        var selector = Demo.gate().density(0.3);
        for (String text : LocalSpark.texts(DOCUMENTS)) {
            int[] tokens = model.tokenizer().encode(text);
            try (var session = model.session(tokens.length + 5)) {
                var report = session.prefill(PrefillRequest.of(tokens, selector).scored(-1));
                String answer = model.tokenizer().decode(session.generate(5, Sampling.GREEDY, token -> { }));
                alone.add("answer=" + answer + "|perplexity="
                        + Perplexity.of(report.scores().nats(0, tokens.length - 1), tokens.length - 1)
                        + "|log_likelihoods=null|tokens=" + tokens.length + "|density=" + report.density()
                        + "|selector=gate:density=0.3|backend=cpu|arithmetic=f32|cache=f32|kernels=null|error=null");
            }
        }
    }

    @AfterAll
    static void stop() {
        spark.stop();
        Engines.close();
        assertEquals(0, Engines.count());
    }

    private static Dataset<Row> documents() {
        return LocalSpark.documents(spark, LocalSpark.texts(DOCUMENTS));
    }

    private static Row result(Row row) {
        return row.getAs("seer");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8})
    void resultsAreThoseOfOneProcessWhateverThePartitions(int partitions) {
        var prefill = LocalSpark.prefill().setNewTokens(5).setPartitions(partitions);
        var read = prefill.transform(documents());
        assertEquals(partitions, read.rdd().getNumPartitions());
        var facts = read.collectAsList().stream()
                .sorted((a, b) -> a.<String>getAs("id").compareTo(b.getAs("id")))
                .map(row -> LocalSpark.facts(result(row))).toList();
        assertEquals(alone, facts);
        assertEquals(1, Engines.count(), "models open in this JVM");
        assertEquals(DOCUMENTS, prefill.figures().get("documents"));
        assertEquals(0, prefill.figures().get("errors"));
        assertTrue(prefill.figures().get("visited blocks") > DOCUMENTS, prefill.figures().toString());
    }

    @Test
    void longDocumentsComeFirstInEveryPartition() {
        var sizes = LocalSpark.prefill().setPartitions(2).setPerplexity(false).setSelect("dense")
                .transform(documents()).select(functions.spark_partition_id(), functions.length(functions.col("text")))
                .collectAsList();
        assertEquals(DOCUMENTS, sizes.size());
        for (int i = 1; i < sizes.size(); i++) {
            assertTrue(sizes.get(i).getInt(0) > sizes.get(i - 1).getInt(0)
                    || sizes.get(i).getInt(1) <= sizes.get(i - 1).getInt(1), sizes.toString());
        }
    }

    @Test
    void badRowsHaveAnErrorAndHarmNoOther() {
        var schema = new StructType().add("id", DataTypes.IntegerType).add("text", DataTypes.BinaryType);
        String text = LocalSpark.texts(1).getFirst();
        var rows = List.of(bytes(0, text.getBytes(StandardCharsets.UTF_8)), bytes(1, null), bytes(2, new byte[0]),
                bytes(3, new byte[] {'c', 'a', 'f', (byte) 0xE9, '!'}),
                bytes(4, "far too long ".repeat(40_000).getBytes(StandardCharsets.UTF_8)),
                bytes(5, text.getBytes(StandardCharsets.UTF_8)));
        var prefill = LocalSpark.prefill().setNewTokens(5);
        var read = prefill.transform(spark.createDataFrame(rows, schema).repartition(2)).collectAsList()
                .stream().sorted(Comparator.comparing(row -> row.<Integer>getAs("id"))).toList();
        assertEquals(alone.getFirst(), LocalSpark.facts(result(read.get(0))));
        assertEquals(alone.getFirst(), LocalSpark.facts(result(read.get(5))));
        assertError("the text is null, wanted a text", read.get(1));
        assertError("the text is empty, wanted at least one token", read.get(2));
        assertError("the text is not UTF-8 text: line 1, byte 3, 0xE9", read.get(3));
        String tooLong = result(read.get(4)).getAs("error");
        assertTrue(tooLong.matches("the document is \\d{6} tokens long, the model's context is 32768"), tooLong);
        assertEquals(4, prefill.figures().get("errors"));
    }

    private static Row bytes(int id, byte[] text) {
        return RowFactory.create(id, text);
    }

    private static void assertError(String error, Row row) {
        assertEquals(error, result(row).getAs("error"));
        for (String field : List.of("answer", "perplexity", "tokens", "density", "ms")) {
            assertNull(result(row).getAs(field), field);
        }
    }

    /// Also that by which the transformer calls a column of its own.
    @Test
    void columnsMayHaveAnyName() {
        var schema = new StructType().add("Seer_Input", DataTypes.IntegerType).add("the.`text", DataTypes.StringType);
        var rows = List.of(RowFactory.create(7, LocalSpark.texts(1).getFirst()));
        var read = LocalSpark.prefill().setNewTokens(5).setInputCol("the.`text").setPartitions(1)
                .transform(spark.createDataFrame(rows, schema)).first();
        assertEquals(List.of("Seer_Input", "the.`text", "seer"), List.of(read.schema().fieldNames()));
        assertEquals(7, read.getInt(0));
        assertEquals(alone.getFirst(), LocalSpark.facts(result(read)));
    }

    @Test
    void tokensAreReadAsTheyAre() {
        var tokenizer = Demo.model().tokenizer();
        var schema = new StructType().add("tokens", DataTypes.createArrayType(DataTypes.LongType));
        String text = LocalSpark.texts(1).getFirst();
        long[] ids = java.util.Arrays.stream(tokenizer.encode(text)).asLongStream().toArray();
        var rows = List.of(RowFactory.create(boxed(ids)), RowFactory.create((Object) null),
                RowFactory.create(boxed(5, 1L << 40)), RowFactory.create(boxed(5, -1)),
                RowFactory.create(boxed()));
        var read = LocalSpark.prefill().setInputCol("tokens").setNewTokens(5)
                .transform(spark.createDataFrame(rows, schema)).collectAsList();
        assertEquals(alone.getFirst(), LocalSpark.facts(result(read.get(0))));
        assertError("the tokens are null, wanted a list of numbers", read.get(1));
        assertError("token 1 is 1099511627776, wanted 0 to 4095", read.get(2));
        assertError("token 1 of the prompt is -1, wanted 0 to 4095, the model's vocabulary", read.get(3));
        assertError("the prompt is empty, wanted at least one token", read.get(4));
    }

    private static Object boxed(long... ids) {
        return java.util.Arrays.stream(ids).boxed().toArray(Long[]::new);
    }

    @Test
    void aDocumentThatWasReadDenseSaysWhyAndScoresAreKept() {
        var prefill = LocalSpark.prefill().setDenseBelow(200).setLogLikelihoods(true).setPerplexity(false);
        var read = prefill.transform(LocalSpark.documents(spark, List.of("a short one", LocalSpark.texts(6).get(5))))
                .collectAsList();
        assertEquals("dense", result(read.get(0)).getAs("selector"));
        assertEquals("gate:density=0.3", result(read.get(1)).getAs("selector"));
        assertEquals(1, prefill.figures().get("dense, shorter than 200 tokens"));
        int tokens = result(read.get(1)).getAs("tokens");
        assertEquals(tokens - 1, result(read.get(1)).getList(2).size());
        assertNull(result(read.get(1)).getAs("perplexity"));
        assertTrue(result(read.get(1)).<Row>getAs("ms").<Double>getAs("attention") > 0);
    }

    @Test
    void itIsSavedAndReadAlsoInAPipeline() throws Exception {
        var prefill = LocalSpark.prefill().setQuestion(" And then?").setNewTokens(3).setKeepFirst(false);
        prefill.write().overwrite().save(folder.resolve("alone").toString());
        var again = SeerPrefill.load(folder.resolve("alone").toString());
        assertEquals(prefill.extractParamMap().toString(), again.extractParamMap().toString());
        assertEquals(prefill.uid(), again.uid());
        new Pipeline().setStages(new PipelineStage[] {prefill}).fit(documents()).write().overwrite()
                .save(folder.resolve("pipeline").toString());
        var piped = PipelineModel.load(folder.resolve("pipeline").toString()).transform(documents().limit(2));
        assertEquals(prefill.transform(documents().limit(2)).collectAsList().stream()
                .map(row -> LocalSpark.facts(result(row))).toList(), piped.collectAsList().stream()
                .map(row -> LocalSpark.facts(result(row))).toList());
    }

    @Test
    void whatCannotWorkIsSaidBeforeAJobStarts() {
        int jobs = jobs();
        refused("model nowhere: no such folder or file on the driver", prefill -> prefill.setModel("nowhere"));
        refused("model is missing, wanted folder or GGUF file", prefill -> new SeerPrefill().setInputCol("text"));
        refused("checksum is abc, the weights of demo-model have SHA-256 ", prefill -> prefill.setChecksum("abc"));
        refused("gate nowhere: there is no config.json in it", prefill -> prefill.setGate("nowhere"));
        refused("inputCol is words, wanted one of the columns id, text", prefill -> prefill.setInputCol("words"));
        refused("outputCol is id, wanted the name of a column that is not there yet",
                prefill -> prefill.setOutputCol("id"));
        refused("selector is \"gate:densty=1\"", prefill -> prefill.setSelect("gate:densty=1"));
        refused("newTokens is -1, wanted at least 0", prefill -> prefill.setNewTokens(-1));
        refused("backend is \"gpu\", wanted one of auto, cpu, tornado, simulator",
                prefill -> prefill.setBackend("gpu"));
        refused("precision int8 with backend tornado, wanted cpu",
                prefill -> prefill.setPrecision("int8").setBackend("tornado"));
        refused("precision is bf16: only the simulator is on the class path, not TornadoVM",
                prefill -> prefill.setPrecision("bf16"));
        refused("precision is \"f16\", wanted one of auto, f32, bf16, int8", prefill -> prefill.setPrecision("f16"));
        refused("precision bf16 with backend cpu", prefill -> prefill.setPrecision("bf16").setBackend("cpu"));
        refused("chunk is 512, wanted none with gate:budget=0.2",
                prefill -> prefill.setChunk(512).setSelect("gate:budget=0.2"));
        assertEquals(jobs, jobs());
    }

    private static int jobs() {
        return spark.sparkContext().statusTracker().getJobIdsForGroup(null).length;
    }

    private static void refused(String sentence, UnaryOperator<SeerPrefill> setting) {
        var documents = documents();
        var error = assertThrows(IllegalArgumentException.class,
                () -> setting.apply(LocalSpark.prefill()).transform(documents));
        assertTrue(error.getMessage().startsWith(sentence), error.getMessage());
        assertFalse(error.getMessage().contains("\n"), error.getMessage());
    }

    /// The driver's copy is what executors are held to; one that came to differ afterwards is refused there.
    @Test
    void anExecutorRefusesWeightsOfAnotherChecksum() {
        var place = new Place(Demo.MODEL.toString(), "0".repeat(64), null, null, BackendChoice.Kind.CPU, 1,
                BackendChoice.Precision.F32);
        var error = assertThrows(IllegalArgumentException.class, () -> Engines.lease(place, null));
        assertTrue(error.getMessage().matches("demo-model has weights of SHA-256 [0-9a-f]{64}, wanted 0{64}"),
                error.getMessage());
    }

    @Test
    void anExecutorRefusesGatesOfAnotherChecksum() {
        var place = new Place(Demo.MODEL.toString(), null, null, "0".repeat(64), BackendChoice.Kind.CPU, 1,
                BackendChoice.Precision.F32);
        var error = assertThrows(IllegalArgumentException.class, () -> Engines.lease(place, null));
        assertTrue(error.getMessage().matches("gates in demo-model.gate have SHA-256 [0-9a-f]{64}, wanted 0{64}"),
                error.getMessage());
    }

    /// An engine that is open keeps its gates; others at the same path are others.
    @Test
    void gatesThatChangeBetweenJobsAreReadAnew() throws IOException {
        for (String name : List.of("config.json", "attn_gate_weights.safetensors")) {
            Files.copy(Demo.GATE.resolve(name), folder.resolve(name));
        }
        var document = LocalSpark.documents(spark,
                List.of(Utf8Text.read(Demo.MODEL.resolve("thursday.txt")).substring(0, 4_000)));
        var prefill = LocalSpark.prefill().setGate(folder.toString()).setSelect("gate").setDenseLastRows(0);
        double before = result(prefill.transform(document).first()).getAs("density");
        var json = new ObjectMapper();
        var config = (ObjectNode) json.readTree(folder.resolve("config.json").toFile());
        config.remove(List.of("seer_thresholds", "seer_threshold_lengths"));
        json.writeValue(folder.resolve("config.json").toFile(), config.put("seer_threshold", 0.9));
        assertNotEquals(before, result(prefill.transform(document).first()).<Double>getAs("density"));
    }

    @Test
    void aModelComesFromAHadoopFileSystemOrFromAddFileToo() {
        String name = "file:" + Demo.MODEL.toAbsolutePath();
        var document = documents().limit(1);
        assertEquals(alone.getFirst(), LocalSpark.facts(result(LocalSpark.prefill().setNewTokens(5).setModel(name)
                .transform(document).first())));
        spark.sparkContext().addFile(Demo.MODEL.toAbsolutePath().toString(), true);
        assertEquals(alone.getFirst(), LocalSpark.facts(result(LocalSpark.prefill().setNewTokens(5)
                .setModel("files:demo-model").transform(document).first())));
    }
}
