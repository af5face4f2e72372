package seer.model.load;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;

/// One open .safetensors file: eight bytes of header length, the header, the tensors' bytes.
///
/// The file is memory-mapped, not read: opening costs no memory, and pages come in when a tensor is
/// touched. Any number of threads may read. Closing unmaps the file; tensors read afterwards fail
/// with an [IllegalStateException]. A file that is shortened while it is open is refused where the
/// lost bytes are read.
public final class SafetensorsFile implements TensorFile {
    /// The format's own limit.
    private static final long LONGEST_HEADER = 100_000_000;
    private static final ValueLayout.OfLong LENGTH =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MappedFile mapped;
    private final SafetensorsHeader header;
    private final long data; // where the tensors' bytes begin

    private SafetensorsFile(MappedFile mapped) {
        Path file = mapped.file();
        MemorySegment bytes = mapped.bytes();
        long longest = Math.min(LONGEST_HEADER, bytes.byteSize() - Long.BYTES);
        long length = bytes.get(LENGTH, 0);
        refuseOtherKinds(file, bytes);
        if (length < 0 || length > longest) {
            throw new MalformedModelException(file, "header length: wanted at most " + longest + " bytes"
                    + (longest == LONGEST_HEADER ? "" : ", what the file has behind it")
                    + ", got " + Long.toUnsignedString(length));
        }
        this.mapped = mapped;
        this.data = Long.BYTES + length;
        byte[] json = bytes.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
        FileErrors.settle();
        this.header = SafetensorsHeader.parse(file, json, bytes.byteSize() - data);
    }

    /// A header is JSON, which no other kind of file has at its ninth byte.
    private static void refuseOtherKinds(Path file, MemorySegment bytes) {
        int head = (int) Math.min(FileKind.HEAD, bytes.byteSize());
        if (head > Long.BYTES && bytes.get(ValueLayout.JAVA_BYTE, Long.BYTES) == '{') {
            return;
        }
        FileKind.of(bytes.asSlice(0, head).toArray(ValueLayout.JAVA_BYTE)).ifPresent(kind -> {
            throw new MalformedModelException(file, "wanted a safetensors file, got " + kind);
        });
    }

    /// Maps the file and checks all of its header.
    public static SafetensorsFile open(Path file) {
        return MappedFile.open(file, Long.BYTES, "header length", SafetensorsFile::new);
    }

    /// The file that is open.
    @Override
    public Path file() {
        return mapped.file();
    }

    /// The tensors' names, in the header's order.
    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(header.entries().keySet());
    }

    /// The free-form strings under `__metadata__`.
    public Map<String, String> metadata() {
        return header.metadata();
    }

    @Override
    public boolean has(String name) {
        return header.entries().containsKey(name);
    }

    /// A view of the named tensor's bytes.
    @Override
    public WeightTensor tensor(String name) {
        SafetensorsHeader.Entry entry = header.entries().get(name);
        if (entry == null) {
            throw new MalformedModelException(file(), NearestName.missing(name, names()));
        }
        return new WeightTensor(file(), name, entry.type(), entry.shape(),
                mapped.tensors().asSlice(data + entry.begin(), entry.end() - entry.begin()));
    }

    /// Elements of all tensors together.
    public long parameterCount() {
        return names().stream().mapToLong(name -> tensor(name).size()).sum();
    }

    /// The whole file, for checksums.
    MappedFile mapped() {
        return mapped;
    }

    /// As [WeightStore#letGo].
    void letGo() {
        mapped.letGo();
    }

    /// Unmaps the file; a second call does nothing.
    @Override
    public void close() {
        mapped.close();
    }
}
