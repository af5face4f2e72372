package seer.model.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Writes tensors the way `torch.save` does a dictionary of them, for `torch.load`.
public final class PthWriter {
    private static final String FOLDER = "archive/";
    private static final Map<DType, String> STORAGES = Map.of(DType.F32, "FloatStorage", DType.F16, "HalfStorage",
            DType.BF16, "BFloat16Storage");

    private final Map<String, WeightTensor> tensors = new LinkedHashMap<>();

    /// Adds a tensor, in the type that it has.
    ///
    /// @throws IllegalArgumentException if that is none of F32, F16 and BF16
    public PthWriter add(String name, WeightTensor tensor) {
        if (!STORAGES.containsKey(tensor.type())) {
            throw new IllegalArgumentException("tensor " + name + " has type " + tensor.type()
                    + ", wanted F32, F16 or BF16");
        }
        tensors.put(name, tensor);
        return this;
    }

    /// Writes the file.
    public void write(Path file) {
        AtomicFile.write(file, channel -> {
            OutputStream raw = Channels.newOutputStream(channel);
            var zip = new ZipOutputStream(raw);
            put(zip, "data.pkl", pickle());
            put(zip, "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
            int index = 0;
            for (WeightTensor tensor : tensors.values()) {
                put(zip, "data/" + index++, tensor.data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
            }
            put(zip, "version", "3\n".getBytes(StandardCharsets.US_ASCII));
            zip.finish();
        });
    }

    private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        var entry = new ZipEntry(FOLDER + name);
        var crc = new CRC32();
        crc.update(bytes);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        entry.setTime(315_532_800_000L); // the first that zip knows: the same tensors, the same bytes
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }

    /// `{name: _rebuild_tensor_v2(("storage", class, key, "cpu", n), 0, shape, strides, False, OrderedDict())}`.
    private byte[] pickle() {
        var out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x80, 2, '}', '('});
        int index = 0;
        for (var each : tensors.entrySet()) {
            WeightTensor tensor = each.getValue();
            text(out, each.getKey());
            global(out, "torch._utils", "_rebuild_tensor_v2");
            out.writeBytes(new byte[] {'(', '('});
            text(out, "storage");
            global(out, "torch", STORAGES.get(tensor.type()));
            text(out, Integer.toString(index++));
            text(out, "cpu");
            number(out, tensor.size());
            out.writeBytes(new byte[] {'t', 'Q', 'K', 0});
            numbers(out, tensor.shape().stream().map(Integer::longValue).toList());
            numbers(out, strides(tensor.shape()));
            out.write(0x89);
            global(out, "collections", "OrderedDict");
            out.writeBytes(new byte[] {')', 'R', 't', 'R'});
        }
        out.writeBytes(new byte[] {'u', '.'});
        return out.toByteArray();
    }

    private static List<Long> strides(List<Integer> shape) {
        var strides = new ArrayList<Long>();
        long step = 1;
        for (int axis = shape.size() - 1; axis >= 0; axis--) {
            strides.addFirst(step);
            step *= shape.get(axis);
        }
        return strides;
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write('X');
        out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length).array());
        out.writeBytes(bytes);
    }

    private static void global(ByteArrayOutputStream out, String module, String name) {
        out.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static void number(ByteArrayOutputStream out, long number) {
        out.write(0x8a);
        out.write(8);
        out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array());
    }

    private static void numbers(ByteArrayOutputStream out, List<Long> numbers) {
        out.write('(');
        numbers.forEach(number -> number(out, number));
        out.write('t');
    }
}
