package seer.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import seer.eval.longbench.Example;
import seer.eval.longbench.LongBenchFile;
import seer.model.load.MalformedModelException;
import seer.support.Answers;
import seer.support.Mutants;

/// Files of an evaluation that are not as an evaluation writes them: each is read, or refused by one sentence that
/// names the file; what is read can be summed up.
class BrokenFilesTest {
    private static final int QUICK = 300;
    private static final int MANY = 2000;
    private static final int VOCABULARY = 100;
    private static final String HEADER = "run,measure,task,tokens,selector,dense_last_rows,item,value,weight,density,"
            + "selection_ms,attention_ms,prefill_ms\n";

    @TempDir
    private Path folder;

    private static Samples samples() {
        var samples = new Samples();
        for (int item = 0; item < 3; item++) {
            for (String selector : new String[] {"dense", "gate:density=0.1", "gate:threshold@0.1"}) {
                double density = selector.equals("dense") ? 1 : 0.125 + item;
                samples.put(new SampleKey(Measure.PERPLEXITY, "a, \"b\".txt", 64, selector, 0, "a@" + 64 * item),
                        new Sample(3.25 + item, 64, Math.min(1, density), 1.5, 2.5, 10, Map.of()));
                samples.put(new SampleKey(Measure.RECALL, "a.txt", 64, selector, 2, "a@" + 64 * item),
                        new Sample(0.5, 1, 0.25, 1, 2, Double.NaN, Map.of()));
            }
        }
        samples.put(new SampleKey(Measure.CALIBRATION, "a.txt", 64, "gate:threshold@0.1", 0, "threshold"),
                new Sample(0.0125, 1, 0.1, Double.NaN, Double.NaN, Double.NaN, Map.of()));
        return samples;
    }

    /// Everything that is made of samples without a picture; of some also the differences, whose ten thousand
    /// resamples take their time.
    private static void sumUp(Path file) {
        String baseline = file.toFile().length() % 16 == 0 ? Contender.DENSE : null;
        var rows = new EvalTable(Summary.rows(Samples.read(file, null), label -> baseline));
        assertTrue(rows.markdown().startsWith("|") && rows.csv().startsWith("measure"));
        for (var object : rows.objects()) {
            object.forEach((column, value) -> assertTrue(value instanceof String || value instanceof Integer
                    || value instanceof Double number && Double.isFinite(number), column + " is " + value));
        }
    }

    private int samplesAnswer(long seed, int count) {
        Path file = folder.resolve("x-samples.csv");
        samples().write(file, "0123456789ab");
        String text = read(file);
        return Answers.of(MalformedSamplesException.class).to(Stream.concat(
                Mutants.ofLines(text.replace("\r\n", "\n"), ",", seed, count),
                Mutants.ofBytes(text.getBytes(StandardCharsets.UTF_8), seed, count)), file, BrokenFilesTest::sumUp);
    }

    private int longBenchAnswers(long seed, int count) {
        int refused = 0;
        String record = "{\"input\": \"Which paragraph?\", \"context\": \"Paragraph 1: é\", \"answers\": "
                + "[\"Paragraph 1\", \"7\"], \"all_classes\": [\"a\", \"Paragraph 1\"], \"_id\": \"id\"}";
        for (String name : new String[] {"trec.jsonl", "passage_count.jsonl", "qasper_e.jsonl"}) {
            Path file = folder.resolve(name);
            String lines = record + "\n\n" + record.replace("\"id\"", "7") + "\n";
            refused += Answers.of(MalformedModelException.class).to(Stream.of(
                    Mutants.ofJson(record, seed, count / 2),
                    Mutants.ofLines(lines, ", ", seed, count / 4),
                    Mutants.ofBytes(lines.getBytes(StandardCharsets.UTF_8), seed, count / 4)).flatMap(each -> each),
                    file, each -> LongBenchFile.read(each, 9));
        }
        return refused;
    }

    /// Two prompts of eight tokens, and their facts.
    private static final String FACTS = "{\"single_8\": [{\"answer_start\": 5, \"values\": [\"x\", \"y\"], "
            + "\"spans\": [[5, 6], [6, 8]]}, {\"answer_start\": 1, \"values\": [\"z\"], \"spans\": [[1, 2]]}]}";

    private byte[] prompts() {
        String header = "{\"single_8\":{\"dtype\":\"I16\",\"shape\":[2,8],\"data_offsets\":[0,32]}}";
        var bytes = new java.io.ByteArrayOutputStream();
        bytes.writeBytes(java.nio.ByteBuffer.allocate(8).order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length()).array());
        bytes.writeBytes(header.getBytes(StandardCharsets.UTF_8));
        for (int token = 0; token < 16; token++) {
            bytes.writeBytes(new byte[] {(byte) token, 0});
        }
        return bytes.toByteArray();
    }

    private int promptsAnswer(long seed, int count) throws IOException {
        Path json = folder.resolve("p.json");
        Path tensors = Files.write(folder.resolve("p.safetensors"), prompts());
        Files.writeString(json, FACTS);
        assertEquals(2, PromptFile.read(tensors, VOCABULARY).getFirst().prompts().size());
        var answers = Answers.of(MalformedModelException.class);
        int refused = answers.to(Mutants.ofJson(FACTS, seed, count), json, each -> PromptFile.read(each, VOCABULARY));
        Files.writeString(json, FACTS);
        return refused + answers.to(Mutants.ofBytes(prompts(), seed, count), tensors,
                each -> PromptFile.read(each, VOCABULARY));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "r,perplexity,t,64,dense,0,w; line 2: wanted 13 fields, got 7",
        "r,perplexity,t,64,dense,0,w,1,1,1,1,1,1,1; line 2: wanted 13 fields, got 14",
        "r,likelihood,t,64,dense,0,w,1,1,1,1,1,1; field measure: wanted one of [perplexity",
        "r,perplexity,t,0,dense,0,w,1,1,1,1,1,1; field tokens: wanted a whole number from 1 on, got \"0\"",
        "r,perplexity,t,64,dense,-1,w,1,1,1,1,1,1; field dense_last_rows: wanted a whole number from 0 on",
        "r,perplexity,t,99999999999,dense,0,w,1,1,1,1,1,1; field tokens",
        "r,perplexity,t,64,dense,0,w,0x1,1,1,1,1,1; field value: wanted a number, got \"0x1\", which is no number",
        "r,perplexity,t,64,dense,0,w,NaN,1,1,1,1,1; field value: wanted a number, got \"NaN\"",
        "r,perplexity,t,64,dense,0,w,1e300,1,1,1,1,1; field value: wanted a number from 0 to 700, got 1.0E300",
        "r,retrieval,t,64,dense,0,w,1.5,1,1,1,1,1; field value: wanted a number from 0 to 1, got 1.5",
        "r,perplexity,t,64,dense,0,w,1,0,1,1,1,1; field weight",
        "r,perplexity,t,64,dense,0,w,1,1,1.5,1,1,1; field density",
        "r,perplexity,t,64,dense,0,w,1,1,1,-1,1,1; field selection_ms",
        "r,perplexity,t,64,dense,0,w,1,1,1,1,1,1e300; field prefill_ms",
        ",perplexity,t,64,dense,0,w,1,1,1,1,1,1; field run: wanted something, got \"\"",
        "s,perplexity,t,64,dense,0,v,1,1,1,1,1,1; its run is s, this one is r",
        "r,\"perplexity\"x,t,64,dense,0,w,1,1,1,1,1,1; wanted a comma or the end of the line behind a field in quotes",
        "r,\"perplexity,t,64,dense,0,w,1,1,1,1,1,1; wanted a quote that ends the field, got the end of the file"})
    void aLineOfSamplesIsRefusedByItsField(String line, String part) throws IOException {
        Path file = folder.resolve("x-samples.csv");
        Files.writeString(file, HEADER + line + "\n");
        var e = assertThrows(MalformedSamplesException.class, () -> Samples.read(file, "r"));
        assertTrue(e.getMessage().startsWith(file + ": line 2") && e.getMessage().contains(part), e.getMessage());
    }

    @Test
    void samplesOfTwoRunsAreNeverMixedAndOneSampleHasOneValue() throws IOException {
        Path file = folder.resolve("x-samples.csv");
        String line = "r,perplexity,t,64,dense,0,w,1,1,1,1,1,1\n";
        Files.writeString(file, HEADER + line + line.replace("r,", "s,"));
        refuses(file, "line 3: its run is s");
        Files.writeString(file, HEADER + line + line.replace("w,1,1", "w,2,1"));
        refuses(file, "line 3 is of the same sample as line 2, with another value");
        Files.writeString(file, HEADER + line + line.replace("1,1,1\n", "7,7,7\n"));
        assertEquals(1, Samples.read(file, null).all().size(), "the same, timed once more");
        Files.writeString(file, "");
        refuses(file, "is empty, wanted a line with the columns");
        Files.write(file, new byte[] {'r', 'u', 'n', '\n', (byte) 0xFF});
        refuses(file, "is not UTF-8 text: line 2, byte 4 of the file, 0xFF");
        Files.delete(file);
        refuses(file, "there is no such file");
        Files.createDirectory(file);
        refuses(file, "wanted a file, got a folder");
    }

    /// As an editor on Windows leaves it, and as Seer wrote it before times that were not measured were left empty.
    @Test
    void samplesWithAByteOrderMarkOtherLineEndsOrNanForATimeAreRead() throws IOException {
        Path file = folder.resolve("x-samples.csv");
        String text = HEADER + "r,perplexity,t,64,dense,0,w,1,1,1,NaN,,5\n";
        Files.writeString(file, "\uFEFF" + text.replace("\n", "\r\n"));
        var sample = Samples.read(file, "r").all().values().iterator().next();
        assertTrue(Double.isNaN(sample.selectionMs()) && Double.isNaN(sample.attentionMs()));
        assertEquals(5, sample.prefillMs());
    }

    private static void refuses(Path file, String part) {
        var e = assertThrows(MalformedSamplesException.class, () -> Samples.read(file, null));
        assertTrue(e.getMessage().startsWith(file + ": ") && e.getMessage().contains(part), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "trec; {\"input\": \"a\", \"context\": \"b\", \"answers\": [\"c\"]}; line 1, field all_classes",
        "passage_count; {\"input\": \"a\", \"context\": \"b\", \"answers\": [\"c\"]}; a number in each, got \"c\"",
        "qasper; {\"input\": \"a\", \"context\": \"b\", \"answers\": [3]}; field answers: wanted a list of strings",
        "qasper; {\"input\": \"a\", \"context\": \"b\", \"answers\": [\"c\"], \"_id\": {}}; field _id: wanted a string",
        "qasper; {\"input\": \"a\", \"input\": \"a\"}; line 1 is not JSON, field input: wanted every name once, "
            + "got \"input\" a second time",
        "qasper; [1]; wanted a JSON object, got [1]",
        "qasper; {\"input\": \"a\"} {}; line 1 is not JSON",
        "lcc; {\"input\": \"\", \"context\": \"\", \"answers\": [\"c\"]}; field context: wanted a text, got none"})
    void aRecordIsRefusedByItsField(String dataset, String line, String part) throws IOException {
        Path file = Files.writeString(folder.resolve(dataset + ".jsonl"), line);
        var e = assertThrows(MalformedModelException.class, () -> LongBenchFile.read(file, 9));
        assertTrue(e.getMessage().startsWith(file.toString()) && e.getMessage().contains(part), e.getMessage());
    }

    @Test
    void recordsOfTheSameIdAreTwo() throws IOException {
        String record = "{\"input\": \"a\", \"context\": \"b\", \"answers\": [\"c\"], \"_id\": \"same\"}\n";
        Path file = Files.writeString(folder.resolve("qasper.jsonl"), record + record
                + record.replace(", \"_id\": \"same\"", ""));
        assertEquals(List.of("same", "same, line 2", "line 3"),
                LongBenchFile.read(file, 9).stream().map(Example::id).toList());
        Files.write(file, new byte[] {'{', '}', '\n', (byte) 0xC3, '('});
        assertTrue(assertThrows(MalformedModelException.class, () -> LongBenchFile.read(file, 9)).getMessage()
                .contains("is not UTF-8 text: line 2"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"\"answer_start\": 5; \"answer_start\": 8; answer_start: wanted 1 to 7, got 8",
        "[\"z\"]; []; values: wanted at least one string", "[[1, 2]]; []; spans: wanted one for each of the 1 values",
        "[[1, 2]]; [[0, 2]]; spans: wanted pairs of first and end within the answer, 1 to 8, got [0,2]",
        "[[1, 2]]; [[2, 2]]; got [2,2]", "[[1, 2]]; [[1, 9]]; got [1,9]", "[[1, 2]]; [[1.5, 2]]; got [1.5,2]",
        "single_8; single_9; field single_9: wanted a tensor of this name"})
    void storedFactsAreRefusedByTheirField(String right, String wrong, String part) throws IOException {
        Path file = Files.write(folder.resolve("p.safetensors"), prompts());
        Files.writeString(folder.resolve("p.json"), FACTS.replace(right, wrong));
        var e = assertThrows(MalformedModelException.class, () -> PromptFile.read(file, VOCABULARY));
        assertTrue(e.getMessage().startsWith(folder.resolve("p.json").toString()) && e.getMessage().contains(part),
                e.getMessage());
    }

    @Test
    void storedTokensAreRefusedByTheirPlace() throws IOException {
        Path file = Files.write(folder.resolve("p.safetensors"), prompts());
        Files.writeString(folder.resolve("p.json"), FACTS);
        var e = assertThrows(MalformedModelException.class, () -> PromptFile.read(file, 12));
        assertEquals(file + ": tensor single_8, prompt 1, token 4: wanted 0 to 11, the model's vocabulary, got 12",
                e.getMessage());
        Files.writeString(folder.resolve("p.json"), "{\"single_8\": []}");
        e = assertThrows(MalformedModelException.class, () -> PromptFile.read(file, VOCABULARY));
        assertTrue(e.getMessage().contains("at least one, got none"), e.getMessage());
    }

    @Test
    void samplesAreReadOrRefused() {
        assertTrue(samplesAnswer(1, QUICK) > QUICK);
    }

    @Test
    void longBenchRecordsAreReadOrRefused() {
        assertTrue(longBenchAnswers(2, QUICK) > QUICK / 2);
    }

    @Test
    void storedPromptsAreReadOrRefused() throws IOException {
        assertTrue(promptsAnswer(3, QUICK) > QUICK);
    }

    @Test
    @Tag("slow")
    void thousandsOfBrokenFilesAreReadOrRefused() throws IOException {
        for (long seed = 10; seed < 13; seed++) {
            samplesAnswer(seed, MANY);
            longBenchAnswers(seed, MANY);
            promptsAnswer(seed, MANY);
        }
    }
}
