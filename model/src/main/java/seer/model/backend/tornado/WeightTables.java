package seer.model.backend.tornado;

import java.util.List;
import java.util.function.Function;
import seer.model.backend.tornado.device.DeviceArena;

/// What lies where on the device, written down once for a list of weights, and anew when another list comes.
///
/// @param <T> a weight
/// @param <L> what is launched for all of them
final class WeightTables<T, L> {
    private List<T> last; // whose tables these are; null before the first
    private DeviceArena room;
    private L launches;

    /// @param backend the arena of the whole backend
    /// @param write   into the room that the tables have
    L of(List<T> weights, DeviceArena backend, Function<DeviceArena, L> write) {
        if (weights != last || !room.isOpen()) {
            if (room != null) {
                room.close();
            }
            room = backend.within("the weights' places");
            launches = write.apply(room);
            last = weights;
        }
        return launches;
    }
}
