package seer.model.load;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// One open GGUF file, llama.cpp's: a model's configuration, tokenizer and weights in one.
///
/// Tensors have Hugging Face's names and layout here. llama.cpp rotates neighbours, elements `2 i` and `2 i + 1` of a
/// head, in its architecture `llama`, and Hugging Face elements `i` and `i + D / 2`; so that both compute the same,
/// such files have the rows of queries and keys in another order, which is undone when such a tensor is asked for: in a
/// copy that goes when nobody uses it any more. Other architectures have them as they were.
public final class GgufFile implements WeightStore {
    /// Frequencies of rotation, which the configuration takes up.
    public static final String ROPE_FREQUENCIES = "rope_freqs.weight";
    private static final int SHORTEST = 24;
    private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

    private final MappedFile mapped;
    private final GgufHeader header;
    private final Map<String, String> names = new LinkedHashMap<>(); // Hugging Face's to the file's
    private String sha256;

    private GgufFile(MappedFile mapped) {
        this.mapped = mapped;
        this.header = new GgufHeader(mapped.file(), mapped.bytes());
        FileErrors.settle();
        int parts = header.metadata().optionalInt("split.count").orElse(1);
        if (parts > 1) {
            throw header.metadata().wrong("split.count", "1: a model in one file (llama-gguf-split --merge makes one)",
                    parts);
        }
        header.entries().keySet().stream().filter(name -> !name.equals(ROPE_FREQUENCIES))
                .forEach(name -> names.put(GgufNames.huggingFace(name).orElse(name), name));
        names.values().forEach(this::requireOwnName);
    }

    /// Under another name a tensor would be taken for one whose rows are in Hugging Face's order.
    private void requireOwnName(String name) {
        String own = GgufNames.llamaCpp(name);
        if (!own.equals(name)) {
            throw new MalformedModelException(file(), "tensor " + Quoted.name(name) + ": wanted llama.cpp's name, "
                    + own + ", got Hugging Face's");
        }
    }

    /// Maps the file and checks all of its header.
    public static GgufFile open(Path file) {
        return MappedFile.open(file, SHORTEST, "header", GgufFile::new);
    }

    /// Its keys and values.
    public GgufMetadata metadata() {
        return header.metadata();
    }

    /// `general.architecture`.
    public String architecture() {
        return metadata().requireString("general.architecture");
    }

    /// A number of the architecture's own, such as `llama.block_count` for `block_count`.
    public String key(String name) {
        return architecture() + "." + name;
    }

    @Override
    public Path file() {
        return mapped.file();
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(names.keySet());
    }

    @Override
    public boolean has(String name) {
        return names.containsKey(name);
    }

    @Override
    public String spelled(String name) {
        return names.getOrDefault(name, name);
    }

    @Override
    public WeightTensor tensor(String name) {
        String own = names.get(name);
        if (own == null) {
            throw new MalformedModelException(file(),
                    NearestName.missing(GgufNames.llamaCpp(name), header.entries().keySet()));
        }
        WeightTensor tensor = view(own);
        return architecture().equals("llama") && GgufNames.isRotated(own) ? halves(tensor, own) : tensor;
    }

    /// Factors that frequencies of rotation are divided by, where the file has them.
    public Optional<WeightTensor> ropeFactors() {
        return header.entries().containsKey(ROPE_FREQUENCIES) ? Optional.of(view(ROPE_FREQUENCIES))
                : Optional.empty();
    }

    private WeightTensor view(String own) {
        GgufHeader.Entry entry = header.entries().get(own);
        MemorySegment data = mapped.tensors().asSlice(header.data() + entry.begin(),
                entry.end() - entry.begin());
        return new WeightTensor(file(), own, entry.type(), entry.shape(), data);
    }

    /// Row `2 i + j` of each head goes to row `j * D / 2 + i`. Types by blocks have them along the inputs, so that rows
    /// are whole.
    private WeightTensor halves(WeightTensor tensor, String own) {
        String count = key(own.contains("attn_q") ? "attention.head_count" : "attention.head_count_kv");
        int heads = metadata().optionalInt(count).orElseGet(() -> metadata().requireInt(key("attention.head_count")));
        int rows = tensor.shape().getFirst();
        if (heads < 1 || rows % (2 * heads) != 0) {
            throw new MalformedModelException(file(), "tensor " + Quoted.name(own)
                    + ": wanted an even number of rows for each of "
                    + heads + " heads, got shape " + tensor.shape());
        }
        int width = rows / heads;
        long bytes = tensor.data().byteSize() / rows;
        long all = tensor.data().byteSize();
        // An array is gone with the next collection, while memory outside of the heap stays for some of them.
        MemorySegment ordered = all > LARGEST_ARRAY ? Arena.ofAuto().allocate(all)
                : MemorySegment.ofArray(new byte[(int) all]);
        try {
            for (int row = 0; row < rows; row++) {
                int within = row % width;
                int target = row - within + within % 2 * (width / 2) + within / 2;
                MemorySegment.copy(tensor.data(), row * bytes, ordered, target * bytes, bytes);
            }
            FileErrors.settle();
        } catch (InternalError e) {
            throw FileErrors.lost(file(), e);
        }
        return new WeightTensor(file(), own, tensor.type(), tensor.shape(), ordered);
    }

    @Override
    public Map<DType, Long> types(Predicate<String> which) {
        var types = new EnumMap<DType, Long>(DType.class);
        names.forEach((name, own) -> {
            if (which.test(name)) {
                types.merge(view(own).type(), view(own).size(), Long::sum);
            }
        });
        return types;
    }

    @Override
    public long parameterCount() {
        return names.values().stream().mapToLong(own -> view(own).size()).sum();
    }

    @Override
    public synchronized String sha256() {
        if (sha256 == null) {
            sha256 = MappedFile.sha256(List.of(mapped));
        }
        return sha256;
    }

    @Override
    public void letGo() {
        mapped.letGo();
    }

    @Override
    public void close() {
        mapped.close();
    }
}
