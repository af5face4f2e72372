package seer.model.backend.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import seer.model.backend.Arena;
import seer.model.backend.Contract;
import seer.model.backend.ElementType;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Matrix;
import seer.model.backend.Tensor;
import seer.model.load.WeightTensor;

/// Arrays of the Java heap, let go when the arena closes: whoever still holds a tensor holds no memory. What an arena
/// within a session had goes to the next one, if that asks for the same.
final class CpuArena extends Arena {
    private final CpuThreads threads;
    private final CpuArena outer;
    private final List<Runnable> releases = new ArrayList<>();
    private final SpareArrays spare = new SpareArrays();
    private long bytes;

    /// @param outer the arena that this one is within, or null
    CpuArena(CpuBackend backend, CpuThreads threads, String owner, CpuArena outer) {
        super(backend, owner, outer);
        this.threads = threads;
        this.outer = outer;
    }

    @Override
    public Tensor allocate(int... shape) {
        requireOpen("an arena");
        int length = Contract.inOneArray("a tensor", Contract.elements(shape));
        float[] values = spare(length);
        if (values == null) {
            return tensor(new float[length], shape);
        }
        Arrays.fill(values, 0);
        return tensor(values, shape);
    }

    @Override
    public Tensor room(int... shape) {
        requireOpen("an arena");
        int length = Contract.inOneArray("a tensor", Contract.elements(shape));
        float[] values = spare(length);
        return tensor(values == null ? new float[length] : values, shape);
    }

    /// Of this arena or one around it; null if none has any.
    private float[] spare(int length) {
        float[] values = null;
        for (CpuArena each = this; each != null && values == null; each = each.outer) {
            values = each.spare.take(length);
        }
        return values;
    }

    @Override
    public Tensor upload(float[] values, int... shape) {
        Contract.upload(values, shape);
        return tensor(values.clone(), shape);
    }

    @Override
    public Tensor take(float[] values, int... shape) {
        Contract.upload(values, shape);
        return tensor(values, shape);
    }

    @Override
    public Tensor vector(WeightTensor weights) {
        float[] values = weights.finiteFloats();
        return tensor(values, values.length);
    }

    private CpuTensor tensor(float[] values, int... shape) {
        requireOpen("an arena");
        var tensor = new CpuTensor(this, values, shape);
        hold(ElementType.F32.bytes(values.length), () -> {
            spare.add(tensor.values());
            tensor.release();
        });
        return tensor;
    }

    @Override
    public Matrix matrix(List<WeightTensor> stacked) {
        requireOpen("an arena");
        CpuMatrix matrix = CpuMatrix.stack(this, stacked, Contract.matrix(stacked), threads);
        hold(matrix.bytes(), matrix::release);
        return matrix;
    }

    /// Bytes of all arenas of the backend.
    private long counted() {
        return outer == null ? bytes : outer.counted();
    }

    private void hold(long more, Runnable release) {
        releases.add(release);
        grow(more);
    }

    /// What it holds already has become larger.
    void grow(long more) {
        for (CpuArena each = this; each != null; each = each.outer) {
            each.bytes += more;
        }
    }

    @Override
    public KeyValueCache cache(int groups, int capacity, int width) {
        return cache(groups, capacity, width, ElementType.F32);
    }

    @Override
    public KeyValueCache cache(int groups, int capacity, int width, ElementType type) {
        Contract.cache(groups, capacity, width);
        return new CpuCache(this, type, groups, capacity, width, rows(groups, capacity, width, type),
                rows(groups, capacity, width, type));
    }

    /// Those that are rounded take memory as they come, and are counted whole: so what can never be had is refused
    /// here.
    ///
    /// @throws OutOfMemoryError where the heap could not hold them beside all else that is counted
    private CacheRows rows(int groups, int capacity, int width, ElementType type) {
        if (type == ElementType.F32) {
            return new FloatRows((CpuTensor) allocate(groups, capacity, width));
        }
        requireOpen("an arena");
        Contract.inOneArray("a tensor", Contract.elements(groups, capacity, width));
        long more = rowBytes(type, groups, capacity, width);
        if (counted() + more > Runtime.getRuntime().maxMemory()) {
            throw new OutOfMemoryError("Java heap space for keys and values");
        }
        RoundedCacheRows rows = type == ElementType.F16 ? new HalfRows(this, groups, capacity, width)
                : new ByteRows(this, groups, capacity, width);
        hold(more, rows::release);
        return rows;
    }

    /// Of the keys, or the values, of a layer.
    static long rowBytes(ElementType type, int groups, int capacity, int width) {
        return switch (type) {
            case F32, F16 -> type.bytes(Contract.elements(groups, capacity, width));
            case INT8 -> ByteRows.bytes(Contract.elements(groups, capacity), width);
            case BF16 ->
                throw new IllegalArgumentException("a cache in bf16 on the cpu backend, wanted f32, f16 or int8");
        };
    }

    @Override
    public CpuArena within(String owner) {
        return new CpuArena((CpuBackend) backend(), threads, owner, this);
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    protected void free() {
        releases.forEach(Runnable::run);
        releases.clear();
        if (outer != null && outer.outer != null) { // all arenas are within the backend's, which outlives sessions
            outer.spare.replace(spare);
        }
        spare.clear();
        for (CpuArena each = outer; each != null; each = each.outer) {
            each.bytes -= bytes;
        }
        bytes = 0;
    }
}
