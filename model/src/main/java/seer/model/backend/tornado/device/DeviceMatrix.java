package seer.model.backend.tornado.device;

import seer.model.backend.ElementType;
import seer.model.backend.Matrix;

/// A weight matrix `w[outputs, inputs]`, row-major, in a stretch of a bank.
public record DeviceMatrix(DeviceArena arena, Place start, int outputs, int inputs, ElementType type)
        implements Matrix { }
