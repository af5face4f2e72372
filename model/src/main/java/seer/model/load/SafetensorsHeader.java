package seer.model.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The table of contents of a safetensors file, checked whole before anything is read through it.
///
/// The checks are the format's own: types known, sizes right, and the tensors' bytes covering the
/// data exactly once, without gaps, so that a file cannot smuggle or lose anything.
record SafetensorsHeader(Map<String, Entry> entries, Map<String, String> metadata) {
    private static final String METADATA = "__metadata__";

    /// One tensor: bytes `begin` to `end` (exclusive) of the data behind the header.
    record Entry(DType type, List<Integer> shape, long begin, long end) {
    }

    /// Reads a header that is followed by `dataSize` bytes of data.
    static SafetensorsHeader parse(Path file, byte[] json, long dataSize) {
        JsonFile header = JsonFile.parse(file, "header", Long.BYTES, json);
        var entries = new LinkedHashMap<String, Entry>();
        for (String name : header.fields()) {
            if (!name.equals(METADATA)) {
                entries.put(name, entry(header.requireObject(name), file, name, dataSize));
            }
        }
        requireNoGaps(file, entries, dataSize);
        return new SafetensorsHeader(entries, header.stringMap(METADATA));
    }

    private static Entry entry(JsonFile json, Path file, String name, long dataSize) {
        DType type = type(json);
        List<Integer> shape = shape(json);
        long[] offsets = longs(json, "data_offsets");
        if (offsets.length != 2) {
            throw json.wrong("data_offsets", "two integers", json.node("data_offsets").orElseThrow());
        }
        var entry = new Entry(type, shape, offsets[0], offsets[1]);
        if (entry.begin < 0 || entry.begin > entry.end) {
            throw json.wrong("data_offsets", "0 <= begin <= end", Arrays.toString(offsets));
        }
        if (entry.end > dataSize) {
            throw json.wrong("data_offsets", "an end of at most " + dataSize
                    + ", the bytes behind the header (is the file truncated?)", Arrays.toString(offsets));
        }
        long size = type.bytes();
        try {
            for (int extent : shape) {
                size = Math.multiplyExact(size, (long) extent);
            }
        } catch (ArithmeticException _) {
            throw json.wrong("shape", "a size that 64 bits hold", shape);
        }
        if (size != entry.end - entry.begin) {
            throw new MalformedModelException(file, "tensor " + Quoted.name(name) + ", data_offsets: wanted " + size
                    + " bytes for " + type + " " + shape + ", got " + (entry.end - entry.begin));
        }
        return entry;
    }

    private static DType type(JsonFile json) {
        String name = json.requireString("dtype");
        for (DType type : DType.plain()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        throw json.wrong("dtype", "one of " + DType.plain(), name);
    }

    private static List<Integer> shape(JsonFile json) {
        long[] extents = longs(json, "shape");
        for (long extent : extents) {
            if (extent < 0 || extent > Integer.MAX_VALUE) {
                throw json.wrong("shape", "extents from 0 to " + Integer.MAX_VALUE, Arrays.toString(extents));
            }
        }
        return Arrays.stream(extents).mapToObj(Math::toIntExact).toList();
    }

    private static long[] longs(JsonFile json, String field) {
        JsonNode list = json.node(field).orElseThrow(
                () -> json.wrong(field, "a list of integers", "nothing: the field is missing"));
        var values = new long[list.isArray() ? list.size() : 0];
        for (int i = 0; i < values.length; i++) {
            if (!list.get(i).isIntegralNumber() || !list.get(i).canConvertToLong()) {
                throw json.wrong(field, "a list of 64-bit integers", list);
            }
            values[i] = list.get(i).longValue();
        }
        if (!list.isArray()) {
            throw json.wrong(field, "a list of integers", list);
        }
        return values;
    }

    private static void requireNoGaps(Path file, Map<String, Entry> entries, long dataSize) {
        var names = new ArrayList<>(entries.keySet());
        names.sort(Comparator.comparingLong((String name) -> entries.get(name).begin)
                .thenComparingLong(name -> entries.get(name).end));
        long covered = 0;
        String before = "none";
        for (String name : names) {
            Entry entry = entries.get(name);
            if (entry.begin < covered) {
                throw new MalformedModelException(file, "tensor " + Quoted.name(name)
                        + ", data_offsets: wanted a begin of "
                        + covered + ", where tensor " + before + " ends, got " + entry.begin + ": they overlap");
            }
            if (entry.begin > covered) {
                throw gap(file, covered, entry.begin, "tensor " + Quoted.name(name));
            }
            covered = entry.end;
            before = name;
        }
        if (covered < dataSize) {
            throw gap(file, covered, dataSize, "the end of the file");
        }
    }

    private static MalformedModelException gap(Path file, long from, long to, String next) {
        return new MalformedModelException(file, "data_offsets: wanted every byte of the data in a tensor, got bytes "
                + from + " to " + to + ", before " + next + ", in none");
    }
}
