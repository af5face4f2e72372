package seer.model.load;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The beginning of a GGUF file, versions 2 and 3: keys and values, then the tensors' names, shapes, types and places.
///
/// All of it is checked before anything is read through it: counts and lengths against what is left of the file, types
/// against those there are, the tensors against each other: behind one another, with nothing but padding between.
final class GgufHeader {
    private static final ValueLayout.OfLong I64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int MAGIC = 0x46554747; // GGUF
    private static final String ALIGNMENT = "general.alignment";
    private static final int MOST_AXES = 4;
    /// Longest name or key, by the format's own rules.
    private static final int LONGEST_NAME = 65_535;
    /// Types by their numbers in the file; those with an empty place are of no use or no longer in use.
    private static final Map<Integer, DType> TYPES = Map.ofEntries(Map.entry(0, DType.F32), Map.entry(1, DType.F16),
            Map.entry(2, DType.Q4_0), Map.entry(3, DType.Q4_1), Map.entry(6, DType.Q5_0), Map.entry(7, DType.Q5_1),
            Map.entry(8, DType.Q8_0), Map.entry(12, DType.Q4_K), Map.entry(13, DType.Q5_K),
            Map.entry(14, DType.Q6_K), Map.entry(25, DType.I16), Map.entry(26, DType.I32), Map.entry(27, DType.I64),
            Map.entry(30, DType.BF16));
    /// Names of types that are not read, for the sentence.
    private static final Map<Integer, String> OTHERS = Map.ofEntries(Map.entry(9, "Q8_1"), Map.entry(10, "Q2_K"),
            Map.entry(11, "Q3_K"), Map.entry(15, "Q8_K"), Map.entry(16, "IQ2_XXS"), Map.entry(17, "IQ2_XS"),
            Map.entry(18, "IQ3_XXS"), Map.entry(19, "IQ1_S"), Map.entry(20, "IQ4_NL"), Map.entry(21, "IQ3_S"),
            Map.entry(22, "IQ2_S"), Map.entry(23, "IQ4_XS"), Map.entry(24, "I8"), Map.entry(28, "F64"),
            Map.entry(29, "IQ1_M"), Map.entry(34, "TQ1_0"), Map.entry(35, "TQ2_0"), Map.entry(39, "MXFP4"));

    /// One tensor: shape outermost first, as [#plain] has it, bytes `begin` to `end` (exclusive) of the data.
    record Entry(DType type, List<Integer> shape, long begin, long end) {
    }

    private final Path file;
    private final MemorySegment bytes;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final GgufMetadata metadata;
    private final int alignment;
    private final long data;
    private long at = Integer.BYTES;

    GgufHeader(Path file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
        long tensors = counts();
        long keys = nextLong("number of keys");
        checkCount("number of keys", keys, 13);
        var values = new LinkedHashMap<String, GgufMetadata.Value>();
        this.metadata = new GgufMetadata(file, values);
        for (long i = 0; i < keys; i++) {
            String key = name("key " + i);
            GgufMetadata.Value value = value(key, nextInt("type of " + Quoted.of(key)), false);
            if (values.putIfAbsent(key, value) != null) {
                throw metadata.wrong(key, "every key once", "it twice");
            }
        }
        this.alignment = alignment();
        for (long i = 0; i < tensors; i++) {
            tensor(name("name of tensor " + i));
        }
        this.data = padded(at);
        requireNoGaps();
    }

    GgufMetadata metadata() {
        return metadata;
    }

    Map<String, Entry> entries() {
        return entries;
    }

    /// Where the tensors' bytes begin in the file.
    long data() {
        return data;
    }

    /// Magic and version, and the number of tensors.
    private long counts() {
        if (bytes.get(I32, 0) != MAGIC) {
            byte[] head = bytes.asSlice(0, Math.min(FileKind.HEAD, bytes.byteSize())).toArray(ValueLayout.JAVA_BYTE);
            throw new MalformedModelException(file, "wanted a GGUF file, got "
                    + FileKind.of(head).orElse("one that begins otherwise"));
        }
        int version = nextInt("version");
        if (version != 2 && version != 3) {
            boolean swapped = Integer.reverseBytes(version) == 2 || Integer.reverseBytes(version) == 3;
            throw wrong("version", "2 or 3", swapped ? "a big-endian file" : Integer.toUnsignedString(version));
        }
        long tensors = nextLong("number of tensors");
        checkCount("number of tensors", tensors, 24);
        return tensors;
    }

    private MalformedModelException wrong(String field, String wanted, Object got) {
        return new MalformedModelException(file, field + ": wanted " + wanted + ", got " + got);
    }

    // -- reading on --

    /// Moves on by `count` bytes and returns where they begin.
    private long take(String field, long count) {
        if (count < 0 || count > bytes.byteSize() - at) {
            throw wrong(field, "at most the " + (bytes.byteSize() - at) + " bytes that are left of the file",
                    Long.toUnsignedString(count) + " (is the file truncated?)");
        }
        long begin = at;
        at += count;
        return begin;
    }

    private int nextInt(String field) {
        return bytes.get(I32, take(field, Integer.BYTES));
    }

    private long nextLong(String field) {
        return bytes.get(I64, take(field, Long.BYTES));
    }

    /// Fails unless so many things of at least `least` bytes fit the rest of the file.
    private void checkCount(String field, long count, int least) {
        long most = (bytes.byteSize() - at) / least;
        if (count < 0 || count > most) {
            throw wrong(field, "at most " + most + ", what the file has room for",
                    Long.toUnsignedString(count) + " (is the file truncated?)");
        }
    }

    private String name(String field) {
        long length = nextLong(field);
        if (length < 1 || length > LONGEST_NAME) {
            throw wrong(field, "1 to " + LONGEST_NAME + " bytes", Long.toUnsignedString(length));
        }
        byte[] text = bytes.asSlice(take(field, length), length).toArray(ValueLayout.JAVA_BYTE);
        if (Utf8.firstWrong(text) >= 0) {
            throw wrong(field, "text in UTF-8", "other bytes");
        }
        return new String(text, StandardCharsets.UTF_8);
    }

    private GgufMetadata.Value value(String key, int type, boolean inList) {
        var kinds = GgufMetadata.Kind.values();
        if (type < 0 || type >= kinds.length) {
            throw metadata.wrong(key, "a type from 0 to " + (kinds.length - 1), Integer.toUnsignedString(type));
        }
        GgufMetadata.Kind kind = kinds[type];
        String field = "value of " + Quoted.of(key);
        if (kind == GgufMetadata.Kind.ARRAY) {
            if (inList) {
                throw metadata.wrong(key, "a list of values", "a list of lists");
            }
            return list(key, field);
        }
        if (kind == GgufMetadata.Kind.STRING) {
            long length = nextLong(field);
            return new GgufMetadata.Value(kind, false, 1, bytes.asSlice(take(field, length), length));
        }
        return new GgufMetadata.Value(kind, false, 1, bytes.asSlice(take(field, kind.bytes()), kind.bytes()));
    }

    private GgufMetadata.Value list(String key, String field) {
        int type = nextInt(field);
        long count = nextLong(field);
        if (type == GgufMetadata.Kind.STRING.ordinal()) {
            checkCount(field, count, Long.BYTES);
            long begin = at;
            for (long i = 0; i < count; i++) {
                take(field, nextLong(field));
            }
            return new GgufMetadata.Value(GgufMetadata.Kind.STRING, true, count, bytes.asSlice(begin, at - begin));
        }
        if (count == 0) {
            return new GgufMetadata.Value(GgufMetadata.Kind.U8, true, 0, bytes.asSlice(at, 0));
        }
        GgufMetadata.Value first = value(key, type, true);
        int size = first.kind().bytes();
        checkCount(field, count - 1, size);
        at += (count - 1) * size;
        return new GgufMetadata.Value(first.kind(), true, count, bytes.asSlice(at - count * size, count * size));
    }

    private int alignment() {
        int alignment = metadata.optionalInt(ALIGNMENT).orElse(32);
        if (alignment < 8 || alignment > 1 << 20 || Integer.bitCount(alignment) != 1) {
            throw metadata.wrong(ALIGNMENT, "a power of two from 8 to " + (1 << 20), alignment);
        }
        return alignment;
    }

    private long padded(long place) {
        return (place + alignment - 1) / alignment * alignment;
    }

    // -- tensors --

    private void tensor(String name) {
        String field = "tensor " + Quoted.name(name);
        int axes = nextInt(field);
        if (axes < 1 || axes > MOST_AXES) {
            throw wrong(field, "1 to " + MOST_AXES + " axes", Integer.toUnsignedString(axes));
        }
        var shape = new Integer[axes]; // the file has the innermost axis first
        long size = 1;
        for (int axis = axes - 1; axis >= 0; axis--) {
            long extent = nextLong(field);
            if (extent < 1 || extent > Integer.MAX_VALUE || size > Long.MAX_VALUE / extent / 1024) {
                throw wrong(field, "extents from 1 to " + Integer.MAX_VALUE + " and a size that 64 bits hold",
                        Long.toUnsignedString(extent));
            }
            size *= extent;
            shape[axis] = (int) extent;
        }
        DType type = type(field, nextInt(field));
        if (shape[axes - 1] % type.block() != 0) {
            throw wrong(field, "rows of a multiple of " + type.block() + " for type " + type, shape[axes - 1]);
        }
        long begin = nextLong(field);
        if (begin < 0 || begin > bytes.byteSize()) {
            throw wrong(field, "a place within the file (is it truncated?)", Long.toUnsignedString(begin));
        }
        var entry = new Entry(type, plain(name, Arrays.asList(shape)), begin,
                begin + size / type.block() * type.bytes());
        if (entries.putIfAbsent(name, entry) != null) {
            throw wrong(field, "each name once", "it twice");
        }
    }

    /// To llama.cpp every tensor has four axes, and whoever writes a file may leave out the outer ones of extent 1 or
    /// not: here a vector has one axis and a matrix two.
    private static List<Integer> plain(String name, List<Integer> shape) {
        int wanted = GgufNames.isVector(name) ? 1 : 2;
        var plain = new ArrayList<>(shape);
        while (plain.size() > wanted && plain.getFirst() == 1) {
            plain.removeFirst();
        }
        while (plain.size() < wanted) {
            plain.addFirst(1);
        }
        return List.copyOf(plain);
    }

    private DType type(String field, int number) {
        DType type = TYPES.get(number);
        if (type == null) {
            throw wrong(field, "type F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K or Q6_K",
                    OTHERS.getOrDefault(number, "number " + Integer.toUnsignedString(number)));
        }
        return type;
    }

    /// Tensors follow each other, each at the next place that the alignment allows.
    private void requireNoGaps() {
        var names = new ArrayList<>(entries.keySet());
        names.sort(Comparator.comparingLong(name -> entries.get(name).begin));
        long free = 0;
        for (String name : names) {
            Entry entry = entries.get(name);
            String field = "tensor " + Quoted.name(name);
            if (entry.begin != free) {
                throw wrong(field, "it at " + free + ", behind the tensor before it", entry.begin);
            }
            if (entry.end > bytes.byteSize() - data) {
                throw wrong(field, "an end of at most " + (bytes.byteSize() - data)
                        + ", the bytes behind the header (is the file truncated?)", entry.end);
            }
            free = padded(entry.end);
        }
        if (bytes.byteSize() - data > free) {
            throw wrong("end of the file", "it behind the last tensor, at " + (data + free), bytes.byteSize());
        }
    }
}
