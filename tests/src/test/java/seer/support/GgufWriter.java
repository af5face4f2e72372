package seer.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import seer.model.load.DType;

/// Writes GGUF files for tests.
public final class GgufWriter {
    private static final Map<DType, Integer> TYPES = Map.ofEntries(Map.entry(DType.F32, 0), Map.entry(DType.F16, 1),
            Map.entry(DType.Q4_0, 2), Map.entry(DType.Q4_1, 3), Map.entry(DType.Q5_0, 6), Map.entry(DType.Q5_1, 7),
            Map.entry(DType.Q8_0, 8), Map.entry(DType.Q4_K, 12), Map.entry(DType.Q5_K, 13), Map.entry(DType.Q6_K, 14),
            Map.entry(DType.BF16, 30));

    private record Tensor(int type, int[] shape, byte[] data) { }

    private final Map<String, byte[]> values = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private int version = 3;
    private int alignment = 32;

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] typed(int type, byte[] value) {
        return buffer(4 + value.length).putInt(type).put(value).array();
    }

    private static byte[] string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return buffer(8 + bytes.length).putLong(bytes.length).put(bytes).array();
    }

    public GgufWriter version(int number) {
        version = number;
        return this;
    }

    /// Puts what follows in the file's own way: a value of a type by its number.
    public GgufWriter raw(String key, int type, byte[] value) {
        values.put(key, typed(type, value));
        return this;
    }

    public GgufWriter without(String key) {
        values.remove(key);
        return this;
    }

    public GgufWriter put(String key, int number) {
        return raw(key, 4, buffer(4).putInt(number).array());
    }

    public GgufWriter put(String key, float number) {
        return raw(key, 6, buffer(4).putFloat(number).array());
    }

    public GgufWriter put(String key, boolean truth) {
        return raw(key, 7, new byte[] {(byte) (truth ? 1 : 0)});
    }

    public GgufWriter put(String key, String text) {
        return raw(key, 8, string(text));
    }

    public GgufWriter align(int bytes) {
        alignment = bytes;
        return put("general.alignment", bytes);
    }

    public GgufWriter strings(String key, List<String> texts) {
        var out = new ByteArrayOutputStream();
        texts.forEach(text -> out.writeBytes(string(text)));
        return list(key, 8, texts.size(), out.toByteArray());
    }

    public GgufWriter ints(String key, int... numbers) {
        var bytes = buffer(4 * numbers.length);
        for (int number : numbers) {
            bytes.putInt(number);
        }
        return list(key, 5, numbers.length, bytes.array());
    }

    public GgufWriter floats(String key, float... numbers) {
        var bytes = buffer(4 * numbers.length);
        for (float number : numbers) {
            bytes.putFloat(number);
        }
        return list(key, 6, numbers.length, bytes.array());
    }

    private GgufWriter list(String key, int type, long count, byte[] elements) {
        return raw(key, 9, buffer(12 + elements.length).putInt(type).putLong(count).put(elements).array());
    }

    /// Adds a tensor; `weights` are rounded to the type.
    ///
    /// @param shape outermost first
    public GgufWriter tensor(String name, DType type, float[] weights, int... shape) {
        return tensor(name, TYPES.get(type), Quantizer.encode(type, weights), shape);
    }

    /// Adds a tensor by its type's number.
    public GgufWriter tensor(String name, int type, byte[] data, int... shape) {
        tensors.put(name, new Tensor(type, shape, data));
        return this;
    }

    public GgufWriter renamed(String tensor, String other) {
        tensors.put(other, tensors.remove(tensor));
        return this;
    }

    /// The same bytes under another shape.
    public GgufWriter reshaped(String tensor, int... shape) {
        var was = tensors.get(tensor);
        tensors.replace(tensor, new Tensor(was.type, shape, was.data));
        return this;
    }

    public byte[] bytes() {
        var out = new ByteArrayOutputStream();
        out.writeBytes(buffer(24).put("GGUF".getBytes(StandardCharsets.US_ASCII)).putInt(version)
                .putLong(tensors.size()).putLong(values.size()).array());
        values.forEach((key, value) -> {
            out.writeBytes(string(key));
            out.writeBytes(value);
        });
        long at = 0;
        for (var each : tensors.entrySet()) {
            int[] shape = each.getValue().shape;
            out.writeBytes(string(each.getKey()));
            var info = buffer(16 + 8 * shape.length).putInt(shape.length);
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                info.putLong(shape[axis]);
            }
            out.writeBytes(info.putInt(each.getValue().type).putLong(at).array());
            at = padded(at + each.getValue().data.length);
        }
        for (Tensor tensor : new ArrayList<>(tensors.values())) {
            out.writeBytes(new byte[(int) (padded(out.size()) - out.size())]);
            out.writeBytes(tensor.data);
        }
        return out.toByteArray();
    }

    private long padded(long place) {
        return (place + alignment - 1) / alignment * alignment;
    }

    public Path write(Path file) {
        try {
            return Files.write(file, bytes());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
