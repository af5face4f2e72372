package seer.model.load;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// Tensors that PyTorch has saved: a zip archive of a pickle, which says what they are, and of files of numbers. The
/// pickle is read, never run ([TensorPickle]). Tensors are copies, made when they are asked for.
public final class PthFile implements TensorFile {
    private static final String PICKLE = "/data.pkl";
    private static final long LONGEST_PICKLE = 64 << 20;

    private final Path file;
    private final ZipFile archive;
    private final String folder;
    private final Map<String, TensorPickle.Tensor> tensors;

    private PthFile(Path file, ZipFile archive) throws IOException {
        this.file = file;
        this.archive = archive;
        ZipEntry pickle = archive.stream().filter(entry -> entry.getName().endsWith(PICKLE)).findFirst().orElseThrow(
                () -> new MalformedModelException(file, "wanted tensors as PyTorch saves them since 1.6, got a zip "
                        + "archive without data.pkl"));
        folder = pickle.getName().substring(0, pickle.getName().length() - PICKLE.length());
        ZipEntry order = archive.getEntry(folder + "/byteorder");
        if (order != null && !new String(bytes(order, 0, 16), StandardCharsets.US_ASCII).startsWith("little")) {
            throw new MalformedModelException(file, "byteorder: wanted little, got another");
        }
        tensors = TensorPickle.read(file, bytes(pickle, 0, LONGEST_PICKLE));
    }

    /// Opens the archive and reads what tensors there are.
    public static PthFile open(Path file) {
        String kind = FileKind.of(file).orElse("");
        if (!kind.isEmpty() && !kind.contains("zip")) {
            throw new MalformedModelException(file, "wanted a zip archive, as PyTorch's .pth files are, got " + kind);
        }
        ZipFile archive = null;
        try {
            archive = new ZipFile(file.toFile());
            return new PthFile(file, archive);
        } catch (IOException | IllegalArgumentException e) {
            close(archive);
            throw archive == null && e instanceof IOException io && !Files.isRegularFile(file)
                    ? FileErrors.unreadable(file, io)
                    : new MalformedModelException(file, "wanted a whole zip archive, got a broken one", e);
        } catch (RuntimeException e) {
            close(archive);
            throw e;
        }
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(tensors.keySet());
    }

    @Override
    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    @Override
    public WeightTensor tensor(String name) {
        TensorPickle.Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new MalformedModelException(file, NearestName.missing(name, names()));
        }
        DType type = tensor.storage().type();
        long size = type.bytes();
        for (int extent : tensor.shape()) {
            size = size > Integer.MAX_VALUE ? size : size * extent;
        }
        ZipEntry entry = archive.getEntry(folder + "/data/" + tensor.storage().key());
        long offset = tensor.offset() < 0 || tensor.offset() > Integer.MAX_VALUE ? -1 : tensor.offset() * type.bytes();
        if (entry == null || offset < 0 || size > Integer.MAX_VALUE || entry.getSize() - offset < size) {
            throw new MalformedModelException(file, "tensor " + Quoted.name(name) + ": wanted " + size
                    + " bytes from byte " + offset + " on, got "
                    + (entry == null ? "no file of numbers" : "a file of " + entry.getSize()));
        }
        try {
            return new WeightTensor(file, name, type, tensor.shape(),
                    MemorySegment.ofArray(bytes(entry, offset, size)));
        } catch (IOException e) {
            throw new MalformedModelException(file, "tensor " + Quoted.name(name)
                    + ": wanted its numbers, got a broken archive", e);
        }
    }

    /// At most `most` bytes of a file, from byte `from` on. PyTorch compresses none, so that what is claimed is there;
    /// the archive may claim two lengths, though.
    ///
    /// @throws IOException if there are fewer than claimed
    private byte[] bytes(ZipEntry entry, long from, long most) throws IOException {
        if (entry.getMethod() != ZipEntry.STORED || entry.getSize() > archiveSize()) {
            throw new MalformedModelException(file, Quoted.of(entry.getName()) + ": wanted it uncompressed, as PyTorch "
                    + "saves it, got it otherwise");
        }
        try (var in = archive.getInputStream(entry)) {
            in.skipNBytes(from);
            int length = (int) Math.min(most, Math.max(0, entry.getSize() - from));
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new EOFException(entry.getName());
            }
            return bytes;
        }
    }

    private long archiveSize() throws IOException {
        return Files.size(file);
    }

    private static void close(ZipFile archive) {
        try {
            if (archive != null) {
                archive.close();
            }
        } catch (IOException _) {
            return; // it was only read
        }
    }

    @Override
    public void close() {
        close(archive);
    }
}
