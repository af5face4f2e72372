package seer.model.backend.tornado;

import seer.model.backend.Matrix;

/// A weight matrix `w[outputs, inputs]`, row-major, at an offset of the device's weight buffer.
record DeviceMatrix(Device device, int offset, int outputs, int inputs) implements Matrix { }
