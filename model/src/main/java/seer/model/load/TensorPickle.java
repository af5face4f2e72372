package seer.model.load;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/// Reads the pickle of a PyTorch file as far as it says which tensors there are.
///
/// A pickle is a program that calls functions by name. None is called here: of the functions that rebuild tensors the
/// arguments are taken down, and every other name is refused, as is every instruction that such files do not have.
final class TensorPickle {
    private static final Map<String, DType> STORAGES = Map.of("FloatStorage", DType.F32, "HalfStorage", DType.F16,
            "BFloat16Storage", DType.BF16, "LongStorage", DType.I64, "IntStorage", DType.I32, "ShortStorage",
            DType.I16, "ByteStorage", DType.U8);
    private static final Object MARK = new Object();
    private static final Object NONE = new Object(); // no null, which would pass for a value of any kind

    /// A function or class by name.
    private record Global(String name) { }

    /// Numbers in a file of the archive.
    record Storage(DType type, String key) { }

    /// A view of numbers, row-major.
    record Tensor(Storage storage, long offset, List<Integer> shape) { }

    private final Path file;
    private final ByteBuffer in;
    private final ArrayList<Object> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final Map<Integer, Object> memo = new HashMap<>();

    private TensorPickle(Path file, byte[] bytes) {
        this.file = file;
        this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// The tensors by name.
    static Map<String, Tensor> read(Path file, byte[] bytes) {
        var pickle = new TensorPickle(file, bytes);
        Object root;
        try {
            root = pickle.run();
        } catch (BufferUnderflowException | IndexOutOfBoundsException | ClassCastException
                | NoSuchElementException e) {
            throw new MalformedModelException(file, "data.pkl: wanted a whole pickle, got one that breaks at byte "
                    + pickle.in.position(), e);
        }
        var tensors = new LinkedHashMap<String, Tensor>();
        if (!(root instanceof Map<?, ?> map)) {
            throw pickle.wrong("a dictionary of tensors", "another object");
        }
        map.forEach((name, value) -> {
            if (!(name instanceof String text) || !(value instanceof Tensor tensor)) {
                throw pickle.wrong("a dictionary of tensors", "something else under " + Quoted.of(
                        name instanceof String text ? text : "a key that is no text"));
            }
            tensors.put(text, tensor);
        });
        return tensors;
    }

    private MalformedModelException wrong(String wanted, String got) {
        return new MalformedModelException(file, "data.pkl: wanted " + wanted + ", got " + got);
    }

    private Object run() {
        while (true) {
            int code = in.get() & 0xFF;
            if (code == '.') {
                return pop();
            }
            if (!constant(code) && !container(code)) {
                step(code);
            }
        }
    }

    private Object pop() {
        return stack.removeLast();
    }

    /// Instructions that put one value on the stack.
    private boolean constant(int code) {
        switch (code) {
            case 'N' -> stack.add(NONE);
            case 0x88 -> stack.add(true);
            case 0x89 -> stack.add(false);
            case 'K' -> stack.add((long) (in.get() & 0xFF));
            case 'M' -> stack.add((long) (in.getShort() & 0xFFFF));
            case 'J' -> stack.add((long) in.getInt());
            case 0x8a -> stack.add(number(in.get() & 0xFF));
            case 'G' -> stack.add(in.order(ByteOrder.BIG_ENDIAN).getDouble());
            case 'X' -> stack.add(text(in.getInt()));
            case 0x8c -> stack.add(text(in.get() & 0xFF));
            case '}' -> stack.add(new LinkedHashMap<>());
            case ']' -> stack.add(new ArrayList<>());
            case ')' -> stack.add(List.of());
            case 'c' -> stack.add(new Global(line() + "." + line()));
            default -> {
                return false;
            }
        }
        in.order(ByteOrder.LITTLE_ENDIAN);
        return true;
    }

    private long number(int bytes) {
        if (bytes > Long.BYTES) {
            throw wrong("numbers of 64 bits", "one of " + bytes + " bytes");
        }
        long number = 0;
        for (int i = 0; i < bytes; i++) {
            long next = i == bytes - 1 ? in.get() : in.get() & 0xFF;
            number |= next << 8 * i;
        }
        return number;
    }

    private String text(int length) {
        if (length < 0 || length > in.remaining()) {
            throw wrong("a text within the file", "one of " + length + " bytes");
        }
        var bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String line() {
        var line = new StringBuilder();
        for (char c = (char) (in.get() & 0xFF); c != '\n'; c = (char) (in.get() & 0xFF)) {
            line.append(c);
        }
        return line.toString();
    }

    /// Instructions that put values together.
    private boolean container(int code) {
        switch (code) {
            case '(' -> {
                marks.push(stack.size());
                stack.add(MARK);
            }
            case 't' -> {
                List<Object> items = marked();
                stack.add(items);
            }
            case 0x85, 0x86, 0x87 -> stack.add(top(code - 0x84));
            case 's' -> {
                Object value = pop();
                Object key = pop();
                put(List.of(key, value));
            }
            case 'u' -> {
                List<Object> items = marked();
                put(items);
            }
            case 'a' -> {
                Object item = pop();
                list().add(item);
            }
            case 'e' -> {
                List<Object> items = marked();
                list().addAll(items);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    /// The values since the last mark, which go from the stack with it.
    private List<Object> marked() {
        int from = marks.isEmpty() ? Integer.MAX_VALUE : marks.pop();
        if (from >= stack.size()) {
            throw wrong("marks that match", "one too many");
        }
        List<Object> tail = stack.subList(from, stack.size());
        List<Object> items = Collections.unmodifiableList(new ArrayList<>(tail.subList(1, tail.size())));
        tail.clear();
        return items;
    }

    private List<Object> top(int count) {
        List<Object> tail = stack.subList(stack.size() - count, stack.size());
        List<Object> items = Collections.unmodifiableList(new ArrayList<>(tail));
        tail.clear();
        return items;
    }

    @SuppressWarnings("unchecked")
    private void put(List<Object> items) {
        if (!(stack.getLast() instanceof LinkedHashMap<?, ?> map) || items.size() % 2 != 0) {
            throw wrong("pairs of a dictionary", "other values");
        }
        for (int i = 0; i < items.size(); i += 2) {
            if (!(items.get(i) instanceof String key)) {
                throw wrong("texts as keys of a dictionary", "another key");
            }
            ((Map<String, Object>) map).put(key, items.get(i + 1));
        }
    }

    @SuppressWarnings("unchecked")
    private ArrayList<Object> list() {
        return (ArrayList<Object>) stack.getLast();
    }

    private void step(int code) {
        switch (code) {
            case 0x80 -> in.get(); // the protocol
            case 0x95 -> in.getLong(); // the length of a frame
            case 'q' -> memo.put(in.get() & 0xFF, stack.getLast());
            case 'r' -> memo.put(in.getInt(), stack.getLast());
            case 0x94 -> memo.put(memo.size(), stack.getLast());
            case 'h' -> stack.add(known(in.get() & 0xFF));
            case 'j' -> stack.add(known(in.getInt()));
            case 0x93 -> {
                String name = (String) pop();
                stack.add(new Global((String) pop() + "." + name));
            }
            case 'Q' -> stack.add(storage(pop()));
            case 'R' -> {
                Object arguments = pop();
                stack.add(rebuilt((Global) pop(), (List<?>) arguments));
            }
            case 'b' -> pop(); // what else a dictionary carries, such as versions of modules
            default -> throw wrong("instructions that tensors need", "instruction 0x%02x".formatted(code));
        }
    }

    private Object known(int index) {
        if (!memo.containsKey(index)) {
            throw wrong("a value that was kept", "number " + index + ", which was not");
        }
        return memo.get(index);
    }

    /// `("storage", class, key, device, elements)`.
    private Storage storage(Object id) {
        var parts = (List<?>) id;
        String name = ((Global) parts.get(1)).name();
        DType type = STORAGES.get(name.startsWith("torch.") ? name.substring("torch.".length()) : "");
        if (!"storage".equals(parts.get(0)) || type == null) {
            throw wrong("numbers of one of " + STORAGES.keySet().stream().sorted().toList(), Quoted.of(name));
        }
        return new Storage(type, (String) parts.get(2));
    }

    private Object rebuilt(Global function, List<?> arguments) {
        return switch (function.name()) {
            case "collections.OrderedDict" -> {
                if (!arguments.isEmpty()) {
                    throw wrong("a dictionary that is filled after it is made", "one made of " + arguments.size()
                            + " arguments");
                }
                yield new LinkedHashMap<>();
            }
            case "torch._utils._rebuild_parameter" -> arguments.get(0);
            case "torch._utils._rebuild_tensor_v2" -> tensor(arguments);
            default -> throw wrong("tensors alone, since nothing in a pickle is run", "a call of "
                    + Quoted.of(function.name()));
        };
    }

    /// `(storage, offset, extents, strides, ...)`.
    private Tensor tensor(List<?> arguments) {
        var shape = new ArrayList<Integer>();
        for (Object extent : (List<?>) arguments.get(2)) {
            long value = (Long) extent;
            if (value < 0 || value > Integer.MAX_VALUE) {
                throw wrong("extents from 0 to " + Integer.MAX_VALUE, Long.toString(value));
            }
            shape.add((int) value);
        }
        List<Long> strides = ((List<?>) arguments.get(3)).stream().map(Long.class::cast).toList();
        long step = 1;
        for (int axis = shape.size() - 1; axis >= 0; axis--) {
            if (shape.get(axis) > 1 && strides.get(axis) != step) {
                throw wrong("tensors that lie row by row", "strides " + Quoted.of(strides.toString()));
            }
            step = Math.min(step * Math.max(1, shape.get(axis)), 1L << 40); // as far as any file reaches
        }
        return new Tensor((Storage) arguments.get(0), (Long) arguments.get(1), List.copyOf(shape));
    }
}
