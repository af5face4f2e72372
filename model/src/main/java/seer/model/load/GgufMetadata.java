package seer.model.load;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/// The keys and values of a GGUF file. It knows its file, so that every complaint names it and the key, what was wanted
/// and what was found. Lists stay in the mapped file until they are asked for.
public final class GgufMetadata {
    private static final ValueLayout.OfLong I64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort I16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// The types of values, by their numbers in the file.
    enum Kind {
        U8(1), I8(1), U16(2), I16(2), U32(4), I32(4), F32(4), BOOL(1), STRING(0), ARRAY(0), U64(8), I64(8), F64(8);

        private final int bytes;

        Kind(int bytes) {
            this.bytes = bytes;
        }

        /// Bytes of a value; 0 where they differ.
        int bytes() {
            return bytes;
        }

        private boolean isWhole() {
            return this != F32 && this != F64 && this != BOOL && this != STRING && this != ARRAY;
        }
    }

    /// One value, or the elements of a list one after the other.
    ///
    /// @param list whether it is a list
    record Value(Kind kind, boolean list, long count, MemorySegment bytes) {
        private String describe() {
            String name = kind.name().toLowerCase(Locale.ROOT);
            return list ? "a list of " + count + " of type " + name : "a value of type " + name;
        }
    }

    private final Path file;
    private final Map<String, Value> values;

    GgufMetadata(Path file, Map<String, Value> values) {
        this.file = file;
        this.values = values;
    }

    /// The file.
    public Path file() {
        return file;
    }

    /// All keys, in the file's order.
    public Set<String> keys() {
        return Collections.unmodifiableSet(values.keySet());
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    /// The sentence for a value that does not fit.
    public MalformedModelException wrong(String key, String wanted, Object got) {
        return new MalformedModelException(file, "key " + Quoted.of(key) + ": wanted " + wanted + ", got "
                + Quoted.of(String.valueOf(got)));
    }

    private MalformedModelException missing(String key, String wanted) {
        return wrong(key, wanted, "nothing: the key is missing");
    }

    // -- single values --

    /// A whole number of any width.
    public OptionalLong optionalLong(String key) {
        Value value = values.get(key);
        if (value == null) {
            return OptionalLong.empty();
        }
        if (value.list || !value.kind.isWhole()) {
            throw wrong(key, "a whole number", value.describe());
        }
        long number = whole(value, 0);
        if (value.kind == Kind.U64 && number < 0) {
            throw wrong(key, "a number of at most " + Long.MAX_VALUE, Long.toUnsignedString(number));
        }
        return OptionalLong.of(number);
    }

    /// A whole number from 0 to 2^31 - 1.
    public OptionalInt optionalInt(String key) {
        OptionalLong number = optionalLong(key);
        if (number.isEmpty()) {
            return OptionalInt.empty();
        }
        long value = number.getAsLong();
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw wrong(key, "a number from 0 to " + Integer.MAX_VALUE, value);
        }
        return OptionalInt.of((int) value);
    }

    public int requireInt(String key) {
        return optionalInt(key).orElseThrow(() -> missing(key, "a whole number"));
    }

    /// A number, whole or not. One of 32 bits is taken as it prints: `1e-5`, not what is nearest to it in binary.
    public OptionalDouble optionalDouble(String key) {
        Value value = values.get(key);
        if (value == null) {
            return OptionalDouble.empty();
        }
        if (value.list || !value.kind.isWhole() && value.kind != Kind.F32 && value.kind != Kind.F64) {
            throw wrong(key, "a number", value.describe());
        }
        double number = switch (value.kind) {
            case F32 -> Double.parseDouble(Float.toString(Float.intBitsToFloat(value.bytes.get(I32, 0))));
            case F64 -> Double.longBitsToDouble(value.bytes.get(I64, 0));
            default -> whole(value, 0);
        };
        if (!Double.isFinite(number)) {
            throw wrong(key, "a finite number", number);
        }
        return OptionalDouble.of(number);
    }

    public double requireDouble(String key) {
        return optionalDouble(key).orElseThrow(() -> missing(key, "a number"));
    }

    public Optional<Boolean> optionalBoolean(String key) {
        return single(key, Kind.BOOL, "true or false")
                .map(value -> {
                    byte truth = value.bytes.get(ValueLayout.JAVA_BYTE, 0);
                    if (truth != 0 && truth != 1) {
                        throw wrong(key, "true or false, as 1 or 0", truth);
                    }
                    return truth == 1;
                });
    }

    public Optional<String> optionalString(String key) {
        return single(key, Kind.STRING, "a text").map(value -> text(key, value.bytes));
    }

    public String requireString(String key) {
        return optionalString(key).orElseThrow(() -> missing(key, "a text"));
    }

    private Optional<Value> single(String key, Kind kind, String wanted) {
        Value value = values.get(key);
        if (value != null && (value.list || value.kind != kind)) {
            throw wrong(key, wanted, value.describe());
        }
        return Optional.ofNullable(value);
    }

    private String text(String key, MemorySegment bytes) {
        byte[] text = bytes.toArray(ValueLayout.JAVA_BYTE);
        int wrong = Utf8.firstBad(text);
        if (wrong >= 0) {
            throw wrong(key, "text in UTF-8", "0x%02x as byte %d".formatted(text[wrong] & 0xFF, wrong));
        }
        return new String(text, StandardCharsets.UTF_8);
    }

    private static long whole(Value value, long index) {
        long at = index * value.kind.bytes;
        MemorySegment bytes = value.bytes;
        return switch (value.kind) {
            case U8 -> bytes.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
            case I8 -> bytes.get(ValueLayout.JAVA_BYTE, at);
            case U16 -> bytes.get(I16, at) & 0xFFFF;
            case I16 -> bytes.get(I16, at);
            case U32 -> bytes.get(I32, at) & 0xFFFF_FFFFL;
            case I32 -> bytes.get(I32, at);
            default -> bytes.get(I64, at);
        };
    }

    // -- lists --

    /// The texts of a list; none where the key is missing.
    public List<String> strings(String key) {
        return list(key, "a list of texts", kind -> kind == Kind.STRING).map(value -> {
            var texts = new ArrayList<String>();
            long at = 0;
            for (long i = 0; i < value.count; i++) {
                long length = value.bytes.get(I64, at);
                texts.add(text(key + "[" + i + "]", value.bytes.asSlice(at + Long.BYTES, length)));
                at += Long.BYTES + length;
            }
            return texts;
        }).orElse(new ArrayList<>());
    }

    /// The numbers of a list of whole ones that 32 bits hold; none where the key is missing.
    public int[] ints(String key) {
        return list(key, "a list of whole numbers", Kind::isWhole).map(value -> {
            var numbers = new int[length(key, value)];
            for (int i = 0; i < numbers.length; i++) {
                long number = whole(value, i);
                if (number != (int) number) {
                    throw wrong(key + "[" + i + "]", "a number of 32 bits", number);
                }
                numbers[i] = (int) number;
            }
            return numbers;
        }).orElse(new int[0]);
    }

    /// The numbers of a list of 32-bit floats; none where the key is missing.
    public float[] floats(String key) {
        return list(key, "a list of 32-bit floats", kind -> kind == Kind.F32).map(value -> {
            var numbers = new float[length(key, value)];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = Float.intBitsToFloat(value.bytes.get(I32, 4L * i));
            }
            return numbers;
        }).orElse(new float[0]);
    }

    private Optional<Value> list(String key, String wanted, Function<Kind, Boolean> fits) {
        Value value = values.get(key);
        if (value != null && !(value.list && (value.count == 0 || fits.apply(value.kind)))) {
            throw wrong(key, wanted, value.describe());
        }
        return Optional.ofNullable(value).filter(some -> some.count > 0);
    }

    private int length(String key, Value value) {
        if (value.count > Integer.MAX_VALUE / 8) {
            throw wrong(key, "a list of at most " + Integer.MAX_VALUE / 8, value.describe());
        }
        return (int) value.count;
    }
}
