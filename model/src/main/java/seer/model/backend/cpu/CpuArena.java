package seer.model.backend.cpu;

import java.util.ArrayList;
import java.util.List;
import seer.model.backend.Arena;
import seer.model.backend.Contract;
import seer.model.backend.ElementType;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Matrix;
import seer.model.backend.Tensor;
import seer.model.load.WeightTensor;

/// Arrays of the Java heap, let go when the arena closes: whoever still holds a tensor holds no memory.
final class CpuArena extends Arena {
    private final CpuThreads threads;
    private final CpuArena outer;
    private final List<Runnable> releases = new ArrayList<>();
    private long bytes;

    /// @param outer the arena that this one is within, or null
    CpuArena(CpuBackend backend, CpuThreads threads, String owner, CpuArena outer) {
        super(backend, owner, outer);
        this.threads = threads;
        this.outer = outer;
    }

    @Override
    public Tensor allocate(int... shape) {
        return tensor(new float[Contract.inOneArray("a tensor", Contract.elements(shape))], shape);
    }

    @Override
    public Tensor upload(float[] values, int... shape) {
        Contract.upload(values, shape);
        return tensor(values.clone(), shape);
    }

    @Override
    public Tensor vector(WeightTensor weights) {
        float[] values = weights.finiteFloats();
        return tensor(values, values.length);
    }

    private CpuTensor tensor(float[] values, int... shape) {
        requireOpen("an arena");
        var tensor = new CpuTensor(this, values, shape);
        hold(ElementType.F32.bytes(values.length), tensor::release);
        return tensor;
    }

    @Override
    public Matrix matrix(List<WeightTensor> stacked) {
        requireOpen("an arena");
        CpuMatrix matrix = CpuMatrix.stack(this, stacked, Contract.matrix(stacked), threads);
        hold(ElementType.F32.bytes((long) matrix.outputs() * matrix.inputs()), matrix::release);
        return matrix;
    }

    private void hold(long more, Runnable release) {
        releases.add(release);
        for (CpuArena each = this; each != null; each = each.outer) {
            each.bytes += more;
        }
    }

    @Override
    public KeyValueCache cache(int groups, int capacity, int width) {
        Contract.cache(groups, capacity, width);
        return new CpuCache((CpuTensor) allocate(groups, capacity, width),
                (CpuTensor) allocate(groups, capacity, width));
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
        for (CpuArena each = outer; each != null; each = each.outer) {
            each.bytes -= bytes;
        }
        bytes = 0;
    }
}
