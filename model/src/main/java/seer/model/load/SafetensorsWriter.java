package seer.model.load;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Collects tensors and writes them as one .safetensors file, which [AtomicFile] puts in place.
///
/// The values are not copied: they must stay as they are until the file is written.
public final class SafetensorsWriter {
    private static final JsonMapper MAPPER = new JsonMapper();
    /// Elements encoded at a time.
    private static final int CHUNK = 1 << 16;

    /// @param values   of a tensor of numbers, else null
    /// @param integers of one of integers, else null
    /// @param source   of one that is read while it is written, else null
    private record Pending(DType type, List<Integer> shape, float[] values, int[] integers, WeightTensor source) {
        long length() {
            return source != null ? source.size() : values == null ? integers.length : values.length;
        }

        long bytes() {
            return type.bytes() * length();
        }
    }

    private final Map<String, Pending> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    /// Adds a string under `__metadata__`.
    public SafetensorsWriter metadata(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    /// Adds a tensor, stored as F32 or, rounded to nearest even, as BF16.
    public SafetensorsWriter add(String name, DType type, float[] values, int... shape) {
        if (type != DType.F32 && type != DType.BF16) {
            throw new IllegalArgumentException("tensor " + name + ": wanted type F32 or BF16, got " + type);
        }
        return add(name, new Pending(type, Arrays.stream(shape).boxed().toList(), values, null, null));
    }

    /// Adds a tensor of integers, stored as I32.
    public SafetensorsWriter add(String name, int[] values, int... shape) {
        return add(name, new Pending(DType.I32, Arrays.stream(shape).boxed().toList(), null, values, null));
    }

    /// Adds a tensor of another file, which has to stay open: it is read piece by piece while this one is written.
    public SafetensorsWriter add(String name, DType type, WeightTensor source) {
        if (type != DType.F32 && type != DType.BF16) {
            throw new IllegalArgumentException("tensor " + name + ": wanted type F32 or BF16, got " + type);
        }
        return add(name, new Pending(type, source.shape(), null, null, source));
    }

    private SafetensorsWriter add(String name, Pending pending) {
        long size = 1;
        for (int extent : pending.shape()) {
            size = Math.multiplyExact(size, (long) extent);
        }
        if (size != pending.length()) {
            throw new IllegalArgumentException("tensor " + name + ": wanted " + size + " values for shape "
                    + pending.shape() + ", got " + pending.length());
        }
        if (tensors.putIfAbsent(name, pending) != null) {
            throw new IllegalArgumentException("tensor " + name + ": wanted each name once, got it twice");
        }
        return this;
    }

    /// Writes all tensors; wider types first, so that every tensor is aligned to its elements.
    public void write(Path file) {
        var names = new ArrayList<>(tensors.keySet());
        names.sort(Comparator.comparingInt(name -> -tensors.get(name).type().bytes()));
        byte[] header = header(names);
        AtomicFile.write(file, channel -> {
            var length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length);
            channel.write(length.flip());
            channel.write(ByteBuffer.wrap(header));
            for (String name : names) {
                writeValues(channel, tensors.get(name));
            }
        });
    }

    private byte[] header(List<String> names) {
        ObjectNode header = MAPPER.createObjectNode();
        if (!metadata.isEmpty()) {
            metadata.forEach(header.putObject("__metadata__")::put);
        }
        long at = 0;
        for (String name : names) {
            Pending tensor = tensors.get(name);
            ObjectNode entry = header.putObject(name).put("dtype", tensor.type().name());
            tensor.shape().forEach(entry.putArray("shape")::add);
            entry.putArray("data_offsets").add(at).add(at + tensor.bytes());
            at += tensor.bytes();
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(json, (json.length + 7) & -8);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return padded;
    }

    private static void writeValues(WritableByteChannel channel, Pending tensor) throws IOException {
        var buffer = ByteBuffer.allocateDirect(CHUNK * tensor.type().bytes()).order(ByteOrder.LITTLE_ENDIAN);
        var read = new float[tensor.source() == null ? 0 : CHUNK];
        for (long from = 0; from < tensor.length(); from += CHUNK) {
            buffer.clear();
            int count = (int) Math.min(CHUNK, tensor.length() - from);
            if (tensor.source() != null) {
                tensor.source().readFinite(from, count, read, 0);
                put(buffer, tensor.type(), read, 0, count);
            } else if (tensor.values() != null) {
                put(buffer, tensor.type(), tensor.values(), (int) from, count);
            } else {
                for (int i = 0; i < count; i++) {
                    buffer.putInt(tensor.integers()[(int) from + i]);
                }
            }
            channel.write(buffer.flip());
        }
    }

    private static void put(ByteBuffer buffer, DType type, float[] values, int from, int count) {
        for (int i = from; i < from + count; i++) {
            if (type == DType.BF16) {
                buffer.putShort(bfloat16(values[i]));
            } else {
                buffer.putFloat(values[i]);
            }
        }
    }

    /// The upper half of a float, rounded to nearest even; NaN stays NaN.
    public static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        int roundUp = 0x7FFF + (bits >>> 16 & 1);
        return (short) (bits + roundUp >>> 16);
    }
}
