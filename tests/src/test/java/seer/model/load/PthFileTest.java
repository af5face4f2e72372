package seer.model.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.support.Answers;
import seer.support.Mutants;
import seer.support.TenThousand;

/// Files that PyTorch 2.13 has saved, and pickles that do what none of its does.
class PthFileTest {
    private static final Path DATA = Path.of("tests/src/test/resources/pth");
    private static final String K = "model.layers.0.self_attn.attn_gate.mask_linear_k.weight";
    private static final String Q = "model.layers.0.self_attn.attn_gate.mask_linear_q.weight";

    @TempDir
    private Path folder;

    private static void refuses(Path file, String... parts) {
        var e = assertThrows(MalformedModelException.class, () -> readAll(file));
        assertEquals(file, e.file());
        for (String part : parts) {
            assertTrue(e.getMessage().contains(part), "wanted \"" + part + "\" in: " + e.getMessage());
        }
    }

    private static void readAll(Path file) {
        try (var open = PthFile.open(file)) {
            for (String name : open.names()) {
                WeightTensor tensor = open.tensor(name);
                if (tensor.type().isFloat()) {
                    tensor.floats();
                } else {
                    tensor.ints();
                }
            }
        }
    }

    private static float[] steps(int from, int count, float step) {
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (from + i) * step;
        }
        return values;
    }

    @Test
    void tensorsParametersAndViewsAreRead() {
        try (var file = PthFile.open(DATA.resolve("torch.pth"))) {
            assertEquals(List.of(K, Q, "part", "count"), List.copyOf(file.names()));
            assertEquals(List.of(2, 3, 4), file.tensor(K).shape());
            assertArrayEquals(steps(0, 24, 1 / 8f), file.tensor(K).floats());
            assertEquals(DType.BF16, file.tensor(Q).type());
            assertArrayEquals(steps(0, 12, 1 / 4f), file.tensor(Q).floats());
            assertEquals(DType.F16, file.tensor("part").type());
            assertArrayEquals(steps(4, 6, 1), file.tensor("part").floats());
            assertArrayEquals(new int[] {7}, file.tensor("count").ints());
            assertFalse(file.has("other"));
            assertThrows(MalformedModelException.class, () -> file.tensor("other"));
        }
    }

    @Test
    void whatIsNoDictionaryOfTensorsIsRefused() {
        refuses(DATA.resolve("turned.pth"), "wanted tensors that lie row by row, got strides [1, 3]");
        refuses(DATA.resolve("nested.pth"), "wanted a dictionary of tensors, got something else under a");
        refuses(DATA.resolve("module.pth"), "wanted instructions that tensors need, got instruction 0x81");
        refuses(folder.resolve("gone.pth"), "got nothing: there is no such file");
    }

    private Path archive(String name, byte[] pickle) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            store(zip, "x/data.pkl", pickle);
        }
        return Files.write(folder.resolve(name), bytes.toByteArray());
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        var entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        var crc = new CRC32();
        crc.update(content);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void nothingIsEverRun() throws IOException {
        refuses(archive("a.pth", ascii("\u0080\u0002cos\nsystem\nX\u0004\u0000\u0000\u0000true\u0085R.")),
                "got a call of os.system");
        refuses(archive("b.pth", ascii("\u0080\u0002}X\u0001\u0000\u0000\u0000aK\u0001s.")), "something else under a");
        refuses(archive("i.pth", ascii("\u0080\u0002ccollections\nOrderedDict\n]\u0085R.")),
                "wanted a dictionary that is filled after it is made, got one made of 1 arguments");
        refuses(archive("c.pth", ascii("\u0080\u0002ios\nsystem\n.")), "got instruction 0x69");
        refuses(archive("d.pth", ascii("\u0080\u0002h\u0005.")), "got number 5, which was not");
        refuses(archive("e.pth", ascii("\u0080\u0002(((tttt.")), "marks that match");
        refuses(archive("f.pth", ascii("\u0080\u0002N.")), "wanted a dictionary of tensors");
        refuses(archive("g.pth", ascii("\u0080\u0002X\u0000\u0000\u0000\u0010abc")), "a text within the file");
        refuses(archive("h.pth", new byte[0]), "got one that breaks at byte 0");
    }

    /// None where a tensor, a function or a number has to be; a list that holds itself where a name has to be.
    @Test
    void valuesOfOtherKindsAreRefused() throws IOException {
        for (String pickle : List.of("NN\u0085R.", "N(tR.", "NQ.", "(NNNNtQ.", "NNs.", "}NNs.", "}(NNu.", "Na.", "(e.",
                "]q\u0000h\u0000ah\u0000h\u0000\u0093.", "]q\u0000]q\u0001ah\u0001h\u0000a0h\u0000h\u0000\u0093.",
                "ctorch._utils\n_rebuild_tensor_v2\n(NK\u0000NNt\u0085R.",
                "ctorch._utils\n_rebuild_tensor_v2\n(NK\u0000(K\u0002t(NttR.",
                "ctorch._utils\n_rebuild_tensor_v2\n(NK\u0000(K\u0002t]q\u0000h\u0000atR.",
                "ctorch._utils\n_rebuild_tensor_v2\n(NK\u0000(Nt(K\u0001ttR.")) {
            refuses(archive("n.pth", ascii("\u0080\u0002" + pickle)), "data.pkl: wanted");
        }
    }

    /// An archive says twice how long a file in it is.
    @Test
    void aFileOfFewerNumbersThanTheArchiveSaysIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(DATA.resolve("torch.pth"));
        int at = new String(whole, StandardCharsets.ISO_8859_1).lastIndexOf("torch/data/0") - 46; // in the directory
        ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).putInt(at + 20, 5);
        refuses(Files.write(folder.resolve("short.pth"), whole), "wanted its numbers, got a broken archive");
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        Path copy = folder.resolve("copy.pth");
        try (var file = PthFile.open(DATA.resolve("torch.pth"))) {
            var writer = new PthWriter();
            for (String name : List.of(K, Q, "part")) {
                writer.add(name, file.tensor(name));
            }
            assertThrows(IllegalArgumentException.class, () -> writer.add("count", file.tensor("count")));
            writer.write(copy);
            try (var again = PthFile.open(copy)) {
                for (String name : again.names()) {
                    assertTrue(file.tensor(name).sameAs(again.tensor(name)), name);
                }
                assertEquals(3, again.names().size());
            }
        }
    }

    /// The whole archive, and the pickle in a sound one.
    private Answers.Tally mutants(int count) {
        try (var zip = new ZipFile(DATA.resolve("torch.pth").toFile())) {
            byte[] whole = Files.readAllBytes(DATA.resolve("torch.pth"));
            byte[] pickle = zip.getInputStream(zip.getEntry("torch/data.pkl")).readAllBytes();
            return Answers.of(MalformedModelException.class).tally(
                    Stream.concat(Mutants.ofBytes(whole, 3, count / 2), Mutants.ofBytes(pickle, 4, count / 2)
                            .map(mutant -> mutant.within(bytes -> archived(bytes, zip)))),
                    folder.resolve("m.pth"), PthFileTest::readAll);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// The same archive with another pickle.
    private static byte[] archived(byte[] pickle, ZipFile archive) {
        var bytes = new ByteArrayOutputStream();
        try (var to = new ZipOutputStream(bytes)) {
            for (ZipEntry each : Collections.list(archive.entries())) {
                store(to, each.getName(), each.getName().endsWith(".pkl") ? pickle
                        : archive.getInputStream(each).readAllBytes());
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    @Test
    void hundredsOfBrokenFiles() {
        assertTrue(mutants(600).refused() > 200);
    }

    @Test
    @Tag("brokenFiles")
    void tenThousandBrokenFiles() throws IOException {
        TenThousand.ofFormat(".pth", this::mutants);
    }
}
