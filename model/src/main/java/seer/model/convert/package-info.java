/// Models written in another form than they came in.
package seer.model.convert;
