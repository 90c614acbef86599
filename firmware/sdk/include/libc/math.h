/* The mathematical functions that every module can be linked with; all in software. */
#ifndef BULKHEAD_MATH_H
#define BULKHEAD_MATH_H

#define M_PI 3.14159265358979323846

double ceil(double);
double cos(double);
double exp(double);
double fabs(double);
double floor(double);
double log(double);
double log10(double);
double pow(double, double);
double sin(double);
double sqrt(double);
double tan(double);

float ceilf(float);
float cosf(float);
float expf(float);
float fabsf(float);
float floorf(float);
float logf(float);
float log10f(float);
float powf(float, float);
float sinf(float);
float sqrtf(float);
float tanf(float);

#endif
