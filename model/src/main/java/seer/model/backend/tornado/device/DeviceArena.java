package seer.model.backend.tornado.device;

import java.util.ArrayList;
import java.util.List;
import seer.kernels.Tiles;
import seer.model.backend.Arena;
import seer.model.backend.Backend;
import seer.model.backend.Contract;
import seer.model.backend.ElementType;
import seer.model.backend.KeyValueCache;
import seer.model.backend.Matrix;
import seer.model.backend.Tensor;
import seer.model.load.WeightTensor;

/// Stretches of banks. An arena that stands by itself has banks of its own, several of a kind where one would be beyond
/// what a bank can hold, and frees them when it closes; one within another takes stretches of that one's banks and
/// gives them back.
public final class DeviceArena extends Arena {
    private final Device device;
    private final ElementType weights;
    private final DeviceArena source; // whose banks they are; null: its own
    private final List<Bank> banks = new ArrayList<>();
    private final List<Stretch> taken = new ArrayList<>();
    private long expected; // elements of the kind that most is of, still to be asked for
    private long bytes;

    /// @param weights  how matrices are stored
    /// @param outer    closes this one when it closes; or null
    /// @param source   whose banks it takes from, or null for banks of its own
    /// @param expected elements of four bytes that it will take, as far as known
    private DeviceArena(Backend backend, Device device, ElementType weights, String owner, DeviceArena outer,
                        DeviceArena source, long expected) {
        super(backend, owner, outer);
        this.device = device;
        this.weights = weights;
        this.source = source;
        this.expected = expected;
    }

    /// The arena of a whole backend, which all others close with.
    public static DeviceArena of(Backend backend, Device device, ElementType weights) {
        return new DeviceArena(backend, device, weights, "the tornado backend", null, null, 0);
    }

    /// An arena with banks of its own.
    public DeviceArena apart(String owner, long bytes) {
        return new DeviceArena(backend(), device, weights, owner, this, null, bytes / Float.BYTES);
    }

    @Override
    public DeviceArena within(String owner) {
        return new DeviceArena(backend(), device, weights, owner, this, source == null ? this : source, 0);
    }

    Device device() {
        return device;
    }

    /// Elements in a row; what they hold is whatever was there.
    Stretch take(Kind kind, long elements) {
        requireOpen("an arena");
        if (elements > device.memory().longest()) {
            throw new IllegalArgumentException(this + " asks for " + elements
                    + " elements in a row, a bank has room for " + device.memory().longest());
        }
        Stretch stretch = (source == null ? this : source).find(kind, (int) elements);
        taken.add(stretch);
        bytes += stretch.bytes();
        if (stretch.used()) {
            device.blank().fill(stretch);
        }
        return stretch;
    }

    private Stretch find(Kind kind, int elements) {
        for (Bank bank : banks) {
            Stretch stretch = bank.kind() == kind ? bank.take(elements) : null;
            if (stretch != null) {
                return stretch;
            }
        }
        // Stretches are rounded up; and what is asked for beyond what was said comes in growing pieces.
        boolean most = kind == (weights == ElementType.F32 ? Kind.FLOATS : Kind.INTEGERS);
        long more = most && expected > 0 ? expected + expected / 64
                : banks.stream().filter(bank -> bank.kind() == kind).mapToLong(Bank::size).sum() / 4;
        Bank bank = device.memory().take(kind, elements, more, toString());
        expected = most ? Math.max(0, expected - bank.size()) : expected;
        banks.add(bank);
        return bank.take(elements);
    }

    /// A kernel finds all its operands of one type in one bank, or else runs once for each. Where the device has not so
    /// much in one piece, nothing is reserved.
    @Override
    public void reserve(long floats) {
        requireOpen("an arena");
        // Stretches are rounded up; and what was reserved once is found again to the element.
        int wanted = Regions.aligned((int) Math.min(floats + floats / 64 + Bank.HEAD, device.memory().longest()));
        DeviceArena from = source == null ? this : source;
        if (from.banks.stream().anyMatch(bank -> bank.kind() == Kind.FLOATS && bank.hasRoom(wanted))) {
            return;
        }
        from.giveUntaken();
        if (device.memory().fits(Kind.FLOATS, wanted)) {
            Bank bank = device.memory().take(Kind.FLOATS, wanted, wanted, from.toString());
            from.expected = Math.max(0, from.expected - bank.size());
            from.banks.addFirst(bank);
        }
    }

    /// What was reserved before for less, and is in use no more: prompts of a talk grow, and would each leave a bank.
    private void giveUntaken() {
        var left = banks.stream().filter(bank -> bank.kind() == Kind.FLOATS && bank.isUntaken()).toList();
        left.forEach(device.memory()::give);
        banks.removeAll(left);
    }

    private long bankBytes() {
        return banks.stream().mapToLong(Bank::bytes).sum();
    }

    /// Gives a stretch back before the arena closes.
    void give(Stretch stretch) {
        if (taken.remove(stretch)) {
            bytes -= stretch.bytes();
            stretch.bank().give(stretch);
        }
    }

    @Override
    public DeviceTensor allocate(int... shape) {
        DeviceTensor tensor = tensor(shape);
        device.staging().clear(tensor.at(0), tensor.size());
        return tensor;
    }

    @Override
    public Tensor room(int... shape) {
        return tensor(shape);
    }

    /// A tensor whose elements are whatever was there.
    public DeviceTensor tensor(int... shape) {
        int elements = Contract.inOneArray("a tensor", Contract.elements(shape));
        return new DeviceTensor(this, take(Kind.FLOATS, elements), shape);
    }

    @Override
    public Tensor upload(float[] values, int... shape) {
        Contract.upload(values, shape);
        DeviceTensor tensor = tensor(shape);
        device.staging().write(values, tensor.at(0));
        return tensor;
    }

    /// Floats on the device.
    public Place floats(float[] values) {
        Place place = take(Kind.FLOATS, values.length).start();
        device.staging().write(values, place);
        return place;
    }

    /// Room for integers, which are whatever was there.
    public Place integers(long count) {
        return take(Kind.INTEGERS, count).start();
    }

    /// Integers on the device.
    public Place integers(int[] values) {
        Place place = take(Kind.INTEGERS, values.length).start();
        device.staging().write(values, place);
        return place;
    }

    @Override
    public Tensor vector(WeightTensor weights) {
        DeviceTensor tensor = tensor(Math.toIntExact(weights.size()));
        device.staging().write(weights, tensor.at(0));
        return tensor;
    }

    @Override
    public Tensor activations(int... shape) {
        return weights == ElementType.F32 ? allocate(shape) : tiles(shape);
    }

    @Override
    public Tensor activations(float[] values, int... shape) {
        if (weights == ElementType.F32) {
            return upload(values, shape);
        }
        Contract.upload(values, shape);
        TileTensor tensor = tiles(shape);
        device.tiles().write(values, tensor);
        return tensor;
    }

    /// A zeroed tensor in tiles.
    private TileTensor tiles(int... shape) {
        Contract.elements(shape);
        Place start = zeroed(TileTensor.ints(shape));
        return new TileTensor(this, start, shape);
    }

    private Place zeroed(long ints) {
        Place start = take(Kind.INTEGERS, ints).start();
        device.tiles().clear(start, ints);
        return start;
    }

    @Override
    public Matrix pair(WeightTensor gate, WeightTensor up) {
        if (weights == ElementType.F32) {
            return matrix(List.of(gate, up));
        }
        int outputs = Contract.matrix(List.of(gate, up));
        int inputs = gate.shape().getLast();
        Place start = zeroed(TileMatrix.ints(2 * Tiles.along(outputs / 2) * Tiles.EDGE, inputs));
        device.tiles().write(gate, start, 0, 2, 0);
        device.tiles().write(up, start, 0, 2, 1);
        return new TileMatrix(this, start, outputs, inputs, true);
    }

    private Matrix tiles(List<WeightTensor> stacked, int outputs, int inputs) {
        Place start = zeroed(TileMatrix.ints(outputs, inputs));
        int row = 0;
        for (WeightTensor each : stacked) {
            device.tiles().write(each, start, row, 1, 0);
            row += each.shape().getFirst();
        }
        return new TileMatrix(this, start, outputs, inputs, false);
    }

    @Override
    public Matrix matrix(List<WeightTensor> stacked) {
        int outputs = Contract.matrix(stacked);
        int inputs = stacked.getFirst().shape().getLast();
        if (weights == ElementType.BF16) {
            return tiles(stacked, outputs, inputs);
        }
        int elements = Contract.inOneArray("a matrix", (long) outputs * inputs);
        Stretch stretch = take(Kind.FLOATS, elements);
        int at = 0;
        for (WeightTensor each : stacked) {
            device.staging().write(each, stretch.at(at));
            at += Math.toIntExact(each.size());
        }
        return new DeviceMatrix(this, stretch.start(), outputs, inputs, ElementType.F32);
    }

    @Override
    public KeyValueCache cache(int groups, int capacity, int width) {
        Contract.cache(groups, capacity, width);
        if (weights == ElementType.BF16) {
            TileCache.requireWidth(width);
            return new TileCache(tiles(groups, capacity, width), tiles(groups, capacity, width));
        }
        return new DeviceCache(allocate(groups, capacity, width), allocate(groups, capacity, width));
    }

    /// Of an arena by itself the banks', of one within another those of its stretches.
    @Override
    public long bytes() {
        return source == null ? bankBytes() : bytes;
    }

    @Override
    protected void free() {
        if (source == null) {
            banks.forEach(device.memory()::give);
            banks.clear();
        } else {
            taken.forEach(stretch -> stretch.bank().give(stretch));
        }
        taken.clear();
        bytes = 0;
    }
}
