package seer.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.model.load.DType;
import seer.support.Demo;
import seer.support.PlainRope;
import seer.support.TalkingDemo;
import seer.support.TinyGguf;
import seer.support.TinyModel;

/// `seer generate` and `seer info`, on the demo model and on a small GGUF file.
class GenerateCommandTest {
    @TempDir
    private Path folder;

    private record Run(int code, String out, String err) {
        void fails(int wanted, String part) {
            assertEquals(wanted, code, err);
            assertTrue(err.contains(part), err);
        }

        void prints(String... parts) {
            assertEquals(0, code, err);
            for (String part : parts) {
                assertTrue(out.contains(part), "wanted \"" + part + "\" in: " + out);
            }
        }
    }

    private static Run seer(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = Main.run(arguments, new PrintWriter(out, true), new PrintWriter(err, true));
        return new Run(code, out.toString(), err.toString());
    }

    private String tiny() {
        return TinyGguf.of(TinyModel.random("qwen3", 64, 64, 2, 1, 32, true), DType.Q4_0)
                .put("tokenizer.chat_template", "{{'<|endoftext|>' + [INST]}}").write(folder.resolve("tiny.gguf"))
                .toString();
    }

    @Test
    void aPromptIsContinuedDenseAndSparse() {
        var dark = seer("generate", "--plain", "--new-tokens", "3", "It was a dark");
        dark.prints("\n");
        assertTrue(dark.err().matches("(?s).*backend cpu on .*, JDK .*, [0-9]+ threads?\\R[0-9]+ tokens read with "
                + "dense at density 1.000, first token after [0-9.]+ s, 2 more at [0-9.]+ tokens/s, cut off by "
                + "--new-tokens 3\\R"), dark.err());
        String story = Demo.MODEL.resolve("thursday.txt").toString();
        seer("generate", "--plain", "--text", story, "--new-tokens", "1", "--model", tiny())
                .fails(1, "tokens long, the model's context is 4096");
        seer("generate", "--plain", "--new-tokens", "2", "--select", "gate:density=0.5", "Once upon a time")
                .prints("\n");
    }

    @Test
    void aGgufFileAnswersInItsForm() {
        seer("generate", "--model", tiny(), "--new-tokens", "2", "Hi").fails(1, "has no token <s>");
        seer("generate", "--model", tiny(), "--plain", "--new-tokens", "2", "Hi").prints("\n");
        var run = talk("One\n\nTwo\n", "--plain");
        assertTrue(run.code() == 0 && run.out().lines().count() >= 2, run.out() + run.err());
        assertTrue(run.err().contains("first token after ") && run.err().contains(" s, cut off by --new-tokens 1"),
                run.err());
    }

    private static Run talk(String lines, String... options) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)));
        try {
            return seer(Stream.concat(Stream.of("generate", "--interactive", "--new-tokens", "1"),
                    Stream.of(options)).toArray(String[]::new));
        } finally {
            System.setIn(before);
        }
    }

    /// What was said before is not lost with it.
    @Test
    void aQuestionThatDoesNotFitIsLeftOutOfTheTalk() throws IOException {
        String model = TalkingDemo.write(folder.resolve("talking")).toString();
        String two = talk("One\nTwo", "--model", model).err();
        var run = talk("One\n" + "word ".repeat(40_000) + "\nTwo", "--model", model);
        run.fails(1, "tokens long, the model's context is 32768; the question is left out");
        assertEquals(two.lines().filter(line -> line.contains("tokens read")).map(line -> line.split(" ")[0]).toList(),
                run.err().lines().filter(line -> line.contains("tokens read")).map(line -> line.split(" ")[0])
                        .toList());
    }

    @Test
    void wrongUseIsToldInASentence() {
        seer("generate").fails(2, "there is nothing to answer");
        seer("generate", "--plain", "--system", "x", "y").fails(2, "--plain has no place for --system");
        seer("generate", "--new-tokens", "0", "y").fails(2, "--new-tokens is 0");
        seer("generate", "y").fails(1, "has no chat template, wanted one, or --plain");
        seer("info", "nowhere").fails(2, "nowhere: no such folder or file");
    }

    @Test
    void infoSaysWhatAModelIs() {
        seer("info", tiny()).prints("qwen3, 2 layers of width 64, 2 query and 1 key heads of width 32, heads normed",
                "Q4_0 ", "F32 ", "context        4,096 tokens", "base 10,000", "mistral", "4,096 tokens: cpu ");
        seer("info", Demo.MODEL.toString()).prints("parameters     7,344,384", "32,768 tokens: cpu ",
                "gate: fit, block 64, width", "chat template  none", "0 <|endoftext|>");
        String told = seer("info", tiny()).out();
        assertTrue(told.contains("gates          none: there is no folder " + folder.resolve("gate")), told);
        assertTrue(!told.contains("bf16"), told);
    }

    /// Bytes by hand: 7,344,384 weights; 8 layers of keys and values of 2 heads of 64; buffers of the 8,192 tokens of a
    /// chunk, 32,768 in bf16, 512 for each core on the cpu, each of width 256 + 3 * 4 * 64 + 2 * 2 * 64, and a number
    /// for each of 4 heads.
    @Test
    void infoSaysWhatMemoryATextTakes() {
        double buffers = 4 * 8192.0 * (256 + 768 + 256 + 4);
        double cache = 2 * 8 * 2 * 64 * 32768.0;
        double here = buffers * Math.clamp(512L * Runtime.getRuntime().availableProcessors(), 512, 8192) / 8192;
        seer("info", Demo.MODEL.toString()).prints(
                ("32,768 tokens: cpu %.0f MiB (%.0f of them cache and activations), device %.0f MiB, in bf16 %.0f; "
                        + "of that").formatted((2 * 7_344_384 + 4 * cache + here) / (1 << 20),
                                (4 * cache + here) / (1 << 20),
                                (4 * 7_344_384 + 4 * cache + buffers) / (1 << 20),
                                (2 * 7_344_384 + 2 * cache + 4 * buffers) / (1 << 20)));
    }

    @Test
    void infoNamesAStretchedRotation() throws IOException {
        var tiny = TinyModel.random("qwen2", 64, 64, 320, 2, 1, 32, true, new PlainRope(1e6, "yarn", 4, 1024));
        seer("info", tiny.write(folder.resolve("yarn")).toString()).prints("qwen2, 2 layers of width 64, 2 query and 1 "
                + "key heads of width 32, biases", "context        4,096 tokens",
                "base 1,000,000, yarn by 4.0 from 1024, vectors 1.1386294 times as long");
    }
}
