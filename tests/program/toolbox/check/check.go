// Package check stands for the real one, of which there are only commits without a tag.
package check
