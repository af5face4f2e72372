package seer.model.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import seer.support.GgufWriter;

class GgufFileTest {
    @TempDir
    private Path folder;

    private static GgufWriter small() {
        return new GgufWriter().put("general.architecture", "qwen2")
                .tensor("token_embd.weight", DType.F32, new float[6], 2, 3)
                .tensor("output_norm.weight", DType.F32, new float[] {1, 2, 3}, 3);
    }

    private GgufFile open(GgufWriter writer) {
        return GgufFile.open(writer.write(folder.resolve("model.gguf")));
    }

    private void refuses(GgufWriter writer, String... parts) {
        var e = assertThrows(MalformedModelException.class, () -> open(writer).close());
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), "wanted \"" + part + "\" in: " + e.getMessage());
        }
        assertEquals(folder.resolve("model.gguf"), e.file());
    }

    private static byte[] number(long value) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    }

    /// Blocks of random weights, with the extremes that each type has room for, read back to the bit: by pieces that
    /// begin and end within blocks too.
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = {"I16", "I32", "I64", "U8"})
    void everyTypeIsReadToTheBit(DType type) {
        var random = new Random(type.ordinal());
        var weights = new float[512 * 6];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (random.nextGaussian() * Math.pow(4, i / 512 - 3));
        }
        weights[3] = 500;
        java.util.Arrays.fill(weights, 512, 768, 0);
        try (var file = open(small().tensor("blk.0.ffn_up.weight", type, weights, 6, 512))) {
            var tensor = file.tensor("model.layers.0.mlp.up_proj.weight");
            assertEquals(List.of(6, 512), tensor.shape());
            assertEquals(type, tensor.type());
            assertArrayEquals(weights, tensor.finiteFloats());
            for (int from : new int[] {0, 1, 31, 255, 256, 700}) {
                for (int count : new int[] {0, 1, 33, 257, 1000}) {
                    var part = new float[count + 1];
                    tensor.read(from, count, part, 1);
                    assertArrayEquals(java.util.Arrays.copyOfRange(weights, from, from + count),
                            java.util.Arrays.copyOfRange(part, 1, count + 1));
                }
            }
        }
    }

    @Test
    void namesAreHuggingFacesAndComplaintsTheFilesOwn() {
        try (var file = open(small().tensor("blk.11.attn_q.bias", DType.F32, new float[4], 4))) {
            assertEquals(List.of("model.embed_tokens.weight", "model.norm.weight",
                    "model.layers.11.self_attn.q_proj.bias"), List.copyOf(file.names()));
            assertArrayEquals(new float[] {1, 2, 3}, file.tensor("model.norm.weight").floats());
            assertEquals(13, file.parameterCount());
            var e = assertThrows(MalformedModelException.class,
                    () -> file.tensor("model.layers.11.self_attn.k_proj.bias"));
            assertTrue(e.getMessage().contains("tensor blk.11.attn_k.bias: wanted it here, got 3 others, the "
                    + "nearest is blk.11.attn_q.bias"), e.getMessage());
        }
    }

    @Test
    void valuesAreReadByTheirKinds() {
        var writer = small().raw("u8", 0, new byte[] {-1}).raw("i8", 1, new byte[] {-1})
                .raw("u16", 2, new byte[] {-1, -1}).raw("i16", 3, new byte[] {-1, -1}).put("i32", -5)
                .raw("u64", 10, number(-1)).raw("i64", 11, number(1L << 40)).put("f32", 1e-5f)
                .raw("f64", 12, number(Double.doubleToLongBits(0.1))).put("yes", true).put("text", "ü")
                .strings("texts", List.of("", "é")).ints("ints", 3, -4).floats("floats", 0.5f)
                .raw("bad", 7, new byte[] {2}).strings("none", List.of());
        try (var file = open(writer)) {
            var keys = file.metadata();
            assertEquals(255, keys.requireInt("u8"));
            assertEquals(-1, keys.optionalLong("i8").orElseThrow());
            assertEquals(65_535, keys.requireInt("u16"));
            assertEquals(-1, keys.optionalLong("i16").orElseThrow());
            assertEquals(1L << 40, keys.optionalLong("i64").orElseThrow());
            assertEquals(1e-5, keys.requireDouble("f32"));
            assertEquals(0.1, keys.requireDouble("f64"));
            assertEquals(true, keys.optionalBoolean("yes").orElseThrow());
            assertEquals("ü", keys.requireString("text"));
            assertEquals(List.of("", "é"), keys.strings("texts"));
            assertArrayEquals(new int[] {3, -4}, keys.ints("ints"));
            assertArrayEquals(new float[] {0.5f}, keys.floats("floats"));
            assertEquals(List.of(), keys.strings("none"));
            for (Runnable wrong : List.<Runnable>of(() -> keys.requireInt("text"), () -> keys.requireInt("gone"),
                    () -> keys.requireInt("i64"), () -> keys.optionalLong("u64"), () -> keys.requireString("f32"),
                    () -> keys.optionalBoolean("bad"), () -> keys.strings("ints"), () -> keys.floats("ints"),
                    () -> keys.ints("yes"), () -> keys.requireDouble("texts"))) {
                var e = assertThrows(MalformedModelException.class, wrong::run);
                assertTrue(e.getMessage().matches(".*: key \\w+: wanted .*, got .*"), e.getMessage());
            }
        }
    }

    @Test
    void whatIsBrokenIsRefusedInASentence() {
        refuses(small().version(1), "version: wanted 2 or 3, got 1");
        refuses(small().version(3 << 24), "version: wanted 2 or 3, got a big-endian file");
        refuses(small().put("split.count", 3), "key split.count: wanted 1");
        refuses(small().put("general.alignment", 12), "key general.alignment: wanted a power of two");
        refuses(small().raw("x", 13, new byte[0]), "key x: wanted a type from 0 to 12, got 13");
        refuses(small().raw("x", 8, number(1L << 60)), "value of x: wanted at most the", "(is the file truncated?)");
        refuses(small().raw("x", 9, ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putInt(9).putLong(1)
                .array()), "key x: wanted a list of values, got a list of lists");
        refuses(small().raw("x", 9, ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN).putInt(8).putLong(-1)
                .array()), "value of x: wanted at most", "what the file has room for, got 18446744073709551615",
                "(is the file truncated?)");
        refuses(small().tensor("t", 10, new byte[84], 256), "tensor t: wanted type F32, F16", "got Q2_K");
        refuses(small().tensor("t", 11, new byte[110], 256), "got Q3_K");
        refuses(small().tensor("t", 23, new byte[136], 256), "got IQ4_XS");
        refuses(small().tensor("t", 77, new byte[84], 256), "got number 77");
        refuses(small().tensor("t", 2, new byte[18], 31), "tensor t: wanted rows of a multiple of 32 for type Q4_0");
        refuses(small().tensor("t", 0, new byte[8], 1, 1, 1, 2, 1), "tensor t: wanted 1 to 4 axes, got 5");
        refuses(small().tensor("t", 0, new byte[8], 0), "tensor t: wanted extents from 1");
        refuses(small().tensor("t", 0, new byte[8], Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE),
                "a size that 64 bits hold");
        refuses(small().tensor("t", 0, new byte[4], 100), "tensor t: wanted an end of at most");
        refuses(small().tensor("t", 0, new byte[400], 1), "end of the file: wanted it behind the last tensor");
        refuses(small().tensor("t", 0, new byte[80], 1).tensor("u", 0, new byte[4], 1),
                "tensor u: wanted it at 96, behind the tensor before it");
    }
}
