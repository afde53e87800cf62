import {
  IconCurrentLocation,
  IconFocusCentered,
  IconMaximize,
  IconMinimize,
  IconMinus,
  IconPlus,
  IconRulerMeasure,
} from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { LonLat } from '../../core/reading.ts';
import { coordinates } from '../i18n/format.ts';
import { useConnection, useSelection, useUi } from '../state/index.ts';
import type { Picked } from './contract.ts';
import { createEngine, type Engine, productGeography } from './engine.ts';
import classes from './map-view.module.css';
import { startMeasure } from './measure.ts';
import { ScaleLine } from './scale-line.tsx';
import { PALETTES } from './styles/palette.ts';
import { firstView } from './travel.ts';
import { word } from './words.ts';
import 'ol/ol.css';

/**
 * The map of the console. Fills its parent; reads the stores, writes the viewport, the selection and what is hovered.
 * `onReady` is for measuring and testing it.
 */
export function MapView({ onReady }: { onReady?(engine: Engine): void } = {}) {
  const language = useUi((state) => state.language);
  const hasSelection = useSelection((state) => state.selected !== null);
  const offline = useConnection((state) => state.link === 'offline');
  const timelineOpen = useUi((state) => state.timelineOpen);
  const target = useRef<HTMLDivElement>(null);
  const groundTarget = useRef<HTMLDivElement>(null);
  const [engine, setEngine] = useState<Engine | null>(null);
  const [tip, setTip] = useState<{ picked: Picked; x: number; y: number } | null>(null);
  const [pointer, setPointer] = useState<LonLat | null>(null);
  const [measuring, setMeasuring] = useState(false);
  const [sum, setSum] = useState<string | null>(null);
  const [missing, setMissing] = useState<readonly string[]>([]);
  const [full, setFull] = useState(false);

  useEffect(() => {
    if (!target.current || !groundTarget.current) return;
    const made = createEngine({
      target: target.current,
      groundTarget: groundTarget.current,
      geography: productGeography((what) => setMissing((known) => [...known, what])),
      start: firstView(),
      onHover: (picked, pixel) => setTip(picked && pixel ? { picked, x: pixel[0], y: pixel[1] } : null),
      onPointer: setPointer,
    });
    setEngine(made);
    onReady?.(made);
    return () => {
      made.dispose();
      setEngine(null);
    };
  }, [onReady]);

  useEffect(() => {
    if (!engine || !measuring || !target.current) return;
    const measure = startMeasure({
      map: engine.map,
      target: target.current,
      palette: () => PALETTES[useUi.getState().theme],
      language: () => useUi.getState().language,
      onSum: setSum,
    });
    return () => measure.dispose();
  }, [engine, measuring]);

  useEffect(() => {
    const changed = () => setFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', changed);
    return () => document.removeEventListener('fullscreenchange', changed);
  }, []);

  return (
    <div className={classes.room} data-offline={offline || undefined}>
      <div className={classes.map} ref={groundTarget} aria-hidden="true" />
      <div
        className={classes.map}
        ref={target}
        role="application"
        aria-label={word('map', language)}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the map moves by arrow keys, so it takes the focus
        tabIndex={0}
      />
      <div className={classes.tools} role="toolbar" aria-orientation="vertical">
        <Tool name={word('zoomIn', language)} act={() => engine?.travel.zoomBy(1)}>
          <IconPlus />
        </Tool>
        <Tool name={word('zoomOut', language)} act={() => engine?.travel.zoomBy(-1)}>
          <IconMinus />
        </Tool>
        <Tool name={word('province', language)} act={() => engine?.travel.wholeProvince()}>
          <IconFocusCentered />
        </Tool>
        <Tool
          name={word('locate', language)}
          act={() => engine?.travel.toSelection()}
          disabled={!hasSelection}
        >
          <IconCurrentLocation />
        </Tool>
        <Tool name={word('measure', language)} act={() => setMeasuring(!measuring)} on={measuring}>
          <IconRulerMeasure />
        </Tool>
        <Tool
          name={word(full ? 'leaveFullscreen' : 'fullscreen', language)}
          act={() => {
            if (document.fullscreenElement) void document.exitFullscreen();
            // The whole console: a map alone on the screen would hide the alarms.
            else void document.documentElement.requestFullscreen();
          }}
        >
          {full ? <IconMinimize /> : <IconMaximize />}
        </Tool>
      </div>
      {measuring && <div className={classes.hint}>{sum ?? word('measureHint', language)}</div>}
      {missing.length > 0 && (
        <div className={classes.hint} role="status">
          {word('partial', language)}
        </div>
      )}
      {tip && !measuring && <Tip {...tip} />}
      <div className={classes.foot} data-over-timeline={timelineOpen || undefined}>
        {pointer && <output className={classes.readout}>{coordinates(pointer, language)}</output>}
        {engine && <ScaleLine map={engine.map} language={language} />}
      </div>
    </div>
  );
}

function Tool({
  name,
  act,
  on,
  disabled,
  children,
}: {
  name: string;
  act(): void;
  on?: boolean;
  disabled?: boolean;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      className={classes.tool}
      title={name}
      aria-label={name}
      aria-pressed={on}
      disabled={disabled}
      onClick={act}
    >
      {children}
    </button>
  );
}

/** The label under the pointer; on the left of it where the wall is near. */
function Tip({ picked, x, y }: { picked: Picked; x: number; y: number }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = box;
    if (!current) return;
    const room = current.parentElement?.getBoundingClientRect();
    const left =
      room && x + 16 + current.offsetWidth > room.width - 60 ? x - 14 - current.offsetWidth : x + 16;
    current.style.transform = `translate(${Math.round(left)}px, ${Math.round(Math.max(8, y - 10))}px)`;
  }, [x, y]);
  return (
    <div className={classes.tip} ref={box} role="tooltip">
      <b>{picked.title}</b>
      {picked.lines.map((line) => (
        <span key={line}>{line}</span>
      ))}
    </div>
  );
}
