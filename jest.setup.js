// Nest first: packages that are still CommonJS (throttler, swagger) otherwise meet it in the middle of an import cycle.
import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';
